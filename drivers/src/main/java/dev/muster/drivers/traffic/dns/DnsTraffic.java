package dev.muster.drivers.traffic.dns;

import dev.muster.drivers.traffic.Answer;
import dev.muster.drivers.traffic.Desired;
import dev.muster.drivers.traffic.Fault;
import dev.muster.drivers.traffic.Observation;
import dev.muster.drivers.traffic.Outcome;
import dev.muster.drivers.traffic.Patience;
import dev.muster.drivers.traffic.Place;
import dev.muster.drivers.traffic.Preparation;
import dev.muster.drivers.traffic.Progress;
import dev.muster.drivers.traffic.Readiness;
import dev.muster.drivers.traffic.Shares;
import dev.muster.drivers.traffic.TrafficDriver;
import dev.muster.drivers.traffic.TrafficException;
import dev.muster.drivers.traffic.Verification;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.xbill.DNS.Name;

/**
 * A name that leads to one site: switched by dynamic update, in one message that counts only if the old records are still
 * there, and proven at each server of the zone.
 */
public final class DnsTraffic implements TrafficDriver {
    private final DnsSettings settings;
    private final Map<String, RecordSets> sites = new TreeMap<>();
    private final ZoneServers servers;
    private final DnsUpdate update;
    private final Patience patience;

    public DnsTraffic(DnsSettings settings, Patience patience) {
        this.settings = settings;
        this.patience = patience;
        this.servers = new ZoneServers(settings);
        this.update = new DnsUpdate(settings, patience.clock());
        Name name = DnsNames.of(settings.record());
        settings.values()
                .forEach((site, values) -> sites.put(
                        site, RecordSets.of(name, values, settings.switchTtl().toSeconds())));
        long different =
                sites.values().stream().map(RecordSets::texts).distinct().count();
        if (different < sites.size()) {
            throw DnsNames.invalid("two sites of '" + settings.record() + "' have the same values");
        }
    }

    @Override
    public String description() {
        return "DNS name " + settings.record() + " in zone " + settings.zone() + ", primary "
                + ZoneServers.text(settings.primary());
    }

    @Override
    public Observation observe() {
        List<Place> places = new ArrayList<>();
        try {
            servers.authoritative().forEach((host, address) -> places.add(authoritative(host, address)));
        } catch (TrafficException e) {
            places.add(new Place(
                    "servers of " + settings.zone(),
                    "NS records at " + ZoneServers.text(settings.primary()),
                    new Answer.Silent(e.fault())));
        }
        for (InetSocketAddress resolver : settings.resolvers()) {
            String text = ZoneServers.text(resolver);
            places.add(new Place(
                    "resolver " + text, "recursive DNS query to " + text, answer(resolver, servers::resolved)));
        }
        return new Observation(patience.clock().instant(), places);
    }

    private Place authoritative(String host, Optional<InetSocketAddress> address) {
        return address.map(server ->
                        new Place(host, "DNS query to " + ZoneServers.text(server), answer(server, servers::held)))
                .orElseGet(
                        () -> new Place(host, "address lookup", new Answer.Silent(ZoneServers.addressUnknown(host))));
    }

    private Answer answer(InetSocketAddress server, Function<InetSocketAddress, ZoneServers.Held> ask) {
        try {
            return shown(ask.apply(server));
        } catch (TrafficException e) {
            return new Answer.Silent(e.fault());
        }
    }

    private Answer.Shown shown(ZoneServers.Held held) {
        RecordSets sets = held.sets();
        Optional<String> site = sets.site(sites);
        Duration ttl = Duration.ofSeconds(sets.ttl());
        String detail = (held.serial() == 0 ? "" : "serial " + held.serial() + ", ") + sets.texts();
        Answer.Shown shown =
                Answer.Shown.of(sites.keySet(), site.map(Shares::only).orElse(Shares.NOBODY), ttl, detail);
        List<String> strangers = site.isPresent() ? List.of() : List.copyOf(sets.texts());
        return new Answer.Shown(shown.sites(), strangers, ttl, detail);
    }

    @Override
    public Readiness check(Desired desired) {
        List<Fault> refusals = new ArrayList<>();
        List<Fault> warnings = new ArrayList<>();
        try {
            wanted(desired.shares());
            RecordSets seen = servers.held(settings.primary()).sets();
            requireReplaceable(seen, desired);
            if (seen.isEmpty()) {
                warnings.add(new Fault(
                        "TRAFFIC_NOT_VERIFIABLE",
                        settings.record() + " does not exist yet, so that the key could not be tried without a change",
                        "The first switch will show whether the key may make it."));
            } else {
                update.tryKey(seen);
            }
        } catch (TrafficException e) {
            refusals.add(e.fault());
        }
        observe().places().forEach(place -> place.fault().ifPresent(warnings::add));
        return new Readiness(refusals, warnings);
    }

    @Override
    public Outcome apply(Desired desired, Progress progress) {
        RecordSets wanted = wanted(desired.shares());
        RecordSets seen = servers.held(settings.primary()).sets();
        requireReplaceable(seen, desired);
        if (seen.sameAs(wanted)) {
            return already();
        }
        progress.at("Asking " + ZoneServers.text(settings.primary()) + " for " + settings.record() + " to lead to "
                + desired.shares());
        return Outcome.of(update.replace(seen, wanted));
    }

    private RecordSets wanted(Shares shares) {
        shares.requireKnown(sites.keySet());
        if (shares.bySite().size() != 1) {
            throw new TrafficException(
                    "TRAFFIC_SHARES_UNSUPPORTED",
                    "A DNS name leads to one site, not to " + shares,
                    "Weights and a stop of all traffic need a load balancer or a DNS service that has weights.");
        }
        return java.util.Objects.requireNonNull(sites.get(shares.bySite().firstKey()));
    }

    private void requireReplaceable(RecordSets seen, Desired desired) {
        Answer.Shown shown = shown(new ZoneServers.Held(seen, 0));
        if (!shown.strangers().isEmpty() || !desired.mayReplace(shown.shares())) {
            throw update.changed("it shows " + seen.texts() + ", which is neither what the plan saw ("
                    + desired.before().map(before -> before.shares().toString()).orElse("one of its sites")
                    + ") nor what is desired (" + desired.shares() + ")");
        }
    }

    @Override
    public Verification verify(Desired desired, Instant deadline, Progress progress) {
        wanted(desired.shares());
        return patience.verify(this::observe, desired, deadline, Optional.of(settings.ttl()), progress);
    }

    @Override
    public Preparation prepare(Progress progress) {
        Duration before =
                Duration.ofSeconds(servers.held(settings.primary()).sets().ttl());
        Outcome outcome = before.compareTo(settings.switchTtl()) <= 0 ? already() : live(settings.switchTtl());
        if (outcome.effect() == Outcome.Effect.UNKNOWN) {
            return new Preparation(outcome, Optional.empty());
        }
        // A repeat does not know since when it is so: then the usual life counts from now.
        Duration old = outcome.effect() == Outcome.Effect.CHANGED ? before : settings.ttl();
        Instant bound = patience.clock().instant().plus(settings.propagation());
        while (!everywhere(settings.switchTtl())) {
            if (!patience.clock().instant().isBefore(bound)) {
                return new Preparation(outcome, Optional.empty());
            }
            progress.at("Waiting for the shorter TTL at each server of " + settings.zone());
            patience.pause();
        }
        return new Preparation(outcome, Optional.of(patience.clock().instant().plus(old)));
    }

    private boolean everywhere(Duration ttl) {
        Map<String, Optional<InetSocketAddress>> all = servers.authoritative();
        return all.entrySet().stream()
                .map(entry -> authoritative(entry.getKey(), entry.getValue()))
                .allMatch(place -> place.shown()
                        .filter(shown -> shown.ttl().compareTo(ttl) <= 0)
                        .isPresent());
    }

    @Override
    public Outcome settle(Progress progress) {
        return live(settings.ttl());
    }

    private Outcome live(Duration ttl) {
        RecordSets seen = servers.held(settings.primary()).sets();
        requireReplaceable(seen, Desired.of(Shares.NOBODY, "ttl"));
        if (seen.isEmpty() || seen.records().stream().allMatch(record -> record.getTTL() == ttl.toSeconds())) {
            return already();
        }
        return Outcome.of(update.replace(seen, seen.withTtl(ttl.toSeconds())));
    }

    private Outcome already() {
        return Outcome.of(
                Outcome.Result.of("the primary " + ZoneServers.text(settings.primary()), Outcome.Effect.ALREADY, ""));
    }

    @Override
    public void close() {}
}
