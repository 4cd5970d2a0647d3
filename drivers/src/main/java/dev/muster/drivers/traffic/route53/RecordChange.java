package dev.muster.drivers.traffic.route53;

import dev.muster.drivers.traffic.Answer;
import dev.muster.drivers.traffic.Shares;
import dev.muster.drivers.traffic.TrafficException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import software.amazon.awssdk.services.route53.model.ResourceRecord;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;
import software.amazon.awssdk.services.route53.model.ResourceRecordSetFailover;

/** What record sets say of sites, and which record sets would say what is desired. Asks nobody. */
final class RecordChange {
    /** What Route 53 gives answers that an alias leads to. */
    private static final Duration ALIAS_TTL = Duration.ofSeconds(60);

    private final Route53Settings settings;
    private final String name;

    RecordChange(Route53Settings settings, String name) {
        this.settings = settings;
        this.name = name;
    }

    Answer.Shown shown(List<ResourceRecordSet> sets) {
        Map<String, Long> weights = new HashMap<>();
        List<String> strangers = new ArrayList<>();
        for (ResourceRecordSet set : sets) {
            Optional<String> site = site(set);
            long weight = weight(set);
            if (site.isPresent()) {
                weights.merge(site.get(), weight, Long::sum);
            } else {
                strangers.add(text(set));
            }
        }
        long missing = settings.routing() == Route53Settings.Routing.SIMPLE
                ? 0
                : settings.sites().keySet().stream()
                        .filter(site -> !weights.containsKey(site))
                        .count();
        if (missing > 0) {
            throw new TrafficException(
                    "TRAFFIC_PLACE_UNKNOWN",
                    name + " has no record set for each of " + settings.sites() + ": "
                            + sets.stream().map(RecordChange::text).toList(),
                    "Make them by hand once, with these set identifiers and this kind of routing.");
        }
        Duration ttl = sets.stream()
                .map(set -> set.ttl() == null ? ALIAS_TTL : Duration.ofSeconds(set.ttl()))
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
        String detail = sets.stream().map(RecordChange::text).toList().toString();
        Answer.Shown plain = Answer.Shown.of(settings.sites().keySet(), Shares.ofWeights(weights), ttl, detail);
        return new Answer.Shown(plain.sites(), strangers, ttl, detail);
    }

    private Optional<String> site(ResourceRecordSet set) {
        return settings.sites().entrySet().stream()
                .filter(entry -> matches(entry.getValue(), set))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private boolean matches(Route53Settings.Site site, ResourceRecordSet set) {
        return switch (settings.routing()) {
            case SIMPLE ->
                set.setIdentifier() == null && new TreeSet<>(values(set)).equals(new TreeSet<>(site.values()));
            case WEIGHTED -> set.weight() != null && site.identifier().equals(set.setIdentifier());
            case FAILOVER -> set.failover() != null && site.identifier().equals(set.setIdentifier());
        };
    }

    private long weight(ResourceRecordSet set) {
        return switch (settings.routing()) {
            case SIMPLE -> 1;
            case WEIGHTED -> set.weight() == null ? 0 : set.weight();
            case FAILOVER -> set.failover() == ResourceRecordSetFailover.PRIMARY ? 1 : 0;
        };
    }

    private static List<String> values(ResourceRecordSet set) {
        return set.resourceRecords().stream().map(ResourceRecord::value).toList();
    }

    private static String text(ResourceRecordSet set) {
        return (set.setIdentifier() == null ? "" : set.setIdentifier() + " ")
                + (set.weight() == null ? "" : "weight " + set.weight() + " ")
                + (set.failover() == null ? "" : set.failoverAsString() + " ")
                + (set.aliasTarget() == null
                        ? values(set)
                        : "alias of " + set.aliasTarget().dnsName());
    }

    /** @throws TrafficException TRAFFIC_SITE_UNKNOWN, TRAFFIC_SHARES_UNSUPPORTED */
    void requirePossible(Shares shares) {
        shares.requireKnown(settings.sites().keySet());
        boolean weighted = settings.routing() == Route53Settings.Routing.WEIGHTED;
        // With all weights 0 Route 53 gives every site the same share: nobody cannot be said.
        if (shares.isNobody() || (!weighted && shares.bySite().size() > 1)) {
            throw new TrafficException(
                    "TRAFFIC_SHARES_UNSUPPORTED",
                    "Route 53 with " + settings.routing() + " routing cannot give " + shares,
                    "Weights need weighted record sets; a stop of all traffic needs a load balancer.");
        }
    }

    /** Which of the sets become others, and which those are. */
    record Replacement(List<ResourceRecordSet> seen, List<ResourceRecordSet> wanted) {}

    Replacement replacement(List<ResourceRecordSet> sets, Shares shares) {
        if (settings.routing() == Route53Settings.Routing.SIMPLE) {
            return new Replacement(sets, List.of(simple(shares.bySite().firstKey())));
        }
        List<ResourceRecordSet> seen = new ArrayList<>();
        List<ResourceRecordSet> wanted = new ArrayList<>();
        for (ResourceRecordSet set : sets) {
            int share = shares.of(site(set).orElseThrow());
            ResourceRecordSet next = settings.routing() == Route53Settings.Routing.WEIGHTED
                    ? set.toBuilder().weight((long) share).build()
                    : set.toBuilder()
                            .failover(
                                    share > 0 ? ResourceRecordSetFailover.PRIMARY : ResourceRecordSetFailover.SECONDARY)
                            .build();
            if (!next.equals(set)) {
                seen.add(set);
                wanted.add(next);
            }
        }
        return new Replacement(seen, wanted);
    }

    private ResourceRecordSet simple(String site) {
        List<String> values =
                java.util.Objects.requireNonNull(settings.sites().get(site)).values();
        return ResourceRecordSet.builder()
                .name(name)
                .type(settings.type())
                .ttl(settings.ttl().toSeconds())
                .resourceRecords(values.stream()
                        .map(value -> ResourceRecord.builder().value(value).build())
                        .toList())
                .build();
    }
}
