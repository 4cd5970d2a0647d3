package dev.muster.drivers.traffic.haproxy;

import dev.muster.drivers.traffic.Answer;
import dev.muster.drivers.traffic.Desired;
import dev.muster.drivers.traffic.Fault;
import dev.muster.drivers.traffic.Observation;
import dev.muster.drivers.traffic.Outcome;
import dev.muster.drivers.traffic.Patience;
import dev.muster.drivers.traffic.Place;
import dev.muster.drivers.traffic.Progress;
import dev.muster.drivers.traffic.Readiness;
import dev.muster.drivers.traffic.TrafficDriver;
import dev.muster.drivers.traffic.TrafficException;
import dev.muster.drivers.traffic.Verification;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A backend whose servers are drained, stopped, weighed and opened at run time. A reload of HAProxy forgets that, unless it
 * is configured to keep it: {@link #observe} sees it, and the same change may be asked for again.
 */
public final class HaproxyTraffic implements TrafficDriver {
    private final HaproxySettings settings;
    private final List<Haproxy> haproxies;
    private final Patience patience;

    public HaproxyTraffic(HaproxySettings settings, Patience patience) {
        this.settings = settings;
        this.patience = patience;
        this.haproxies = settings.runtimes().stream()
                .map(name -> new Haproxy(new RuntimeApi(name, settings.timeout()), settings, patience.clock()))
                .toList();
    }

    @Override
    public String description() {
        return "HAProxy backend " + settings.backend() + " at " + settings.runtimes();
    }

    @Override
    public Observation observe() {
        List<Place> places = new ArrayList<>();
        for (Haproxy haproxy : haproxies) {
            places.add(new Place("HAProxy " + haproxy.name(), "show stat at " + haproxy.name(), answer(haproxy)));
        }
        return new Observation(patience.clock().instant(), places);
    }

    private static Answer answer(Haproxy haproxy) {
        try {
            return haproxy.shown();
        } catch (TrafficException e) {
            return new Answer.Silent(e.fault());
        }
    }

    @Override
    public Readiness check(Desired desired) {
        List<Fault> refusals = new ArrayList<>();
        List<Fault> away = new ArrayList<>();
        try {
            Assignment wanted = Assignment.of(desired, settings);
            for (Haproxy haproxy : haproxies) {
                Optional<Fault> fault = fault(haproxy, wanted, desired);
                fault.ifPresent(found -> (found.exception().mayPass() ? away : refusals).add(found));
            }
        } catch (TrafficException e) {
            refusals.add(e.fault());
        }
        if (away.size() == haproxies.size()) {
            refusals.addAll(away);
        }
        return new Readiness(refusals, away);
    }

    private static Optional<Fault> fault(Haproxy haproxy, Assignment wanted, Desired desired) {
        try {
            wanted.requireReplaceable(haproxy, desired);
            haproxy.requireMayChange();
            return Optional.empty();
        } catch (TrafficException e) {
            return Optional.of(e.fault());
        }
    }

    @Override
    public Outcome apply(Desired desired, Progress progress) {
        Assignment wanted = Assignment.of(desired, settings);
        List<HaproxyChange> changes = new ArrayList<>();
        List<Fault> away = new ArrayList<>();
        for (Haproxy haproxy : haproxies) {
            HaproxyChange change = new HaproxyChange(haproxy, wanted);
            changes.add(change);
            try {
                wanted.requireReplaceable(haproxy, desired);
                haproxy.requireMayChange();
            } catch (TrafficException e) {
                if (!e.mayPass()) {
                    throw e;
                }
                // One HAProxy may be in the site that is lost: the others move all the same, and this one is named.
                change.failed(e.fault());
                away.add(e.fault());
            }
        }
        if (away.size() == haproxies.size()) {
            throw away.get(0).exception();
        }
        carryOut(changes, desired, progress);
        return outcome(changes);
    }

    /** All HAProxies stop before the first one opens another site. */
    private void carryOut(List<HaproxyChange> changes, Desired desired, Progress progress) {
        progress.at("Stopping the servers of " + settings.backend() + " that get nothing any more");
        changes.forEach(change -> change.run(() -> change.stop(desired.drain().isPresent())));
        desired.drain().ifPresent(drain -> {
            awaitEnd(changes, patience.clock().instant().plus(drain.bound()), progress);
            if (drain.closeRest()) {
                changes.forEach(change -> change.run(change::closeSessions));
                awaitEnd(changes, patience.clock().instant().plus(settings.timeout()), progress);
            }
            changes.forEach(change -> change.run(() -> change.stop(false)));
        });
        progress.at("Opening " + desired.shares());
        changes.forEach(change -> change.run(change::open));
    }

    private void awaitEnd(List<HaproxyChange> changes, Instant bound, Progress progress) {
        long left = connections(changes);
        while (left > 0 && patience.clock().instant().isBefore(bound)) {
            progress.at(left + " connections left at sites that are drained, waited for until " + bound);
            patience.pause();
            left = connections(changes);
        }
    }

    private static long connections(List<HaproxyChange> changes) {
        long left = 0;
        for (HaproxyChange change : changes) {
            change.run(change::countConnections);
            left += change.connectionsLeft();
        }
        return left;
    }

    private static Outcome outcome(List<HaproxyChange> changes) {
        changes.forEach(change -> change.run(change::countConnections));
        List<Outcome.Result> results =
                changes.stream().map(HaproxyChange::result).toList();
        boolean none = results.stream().allMatch(result -> result.effect() == Outcome.Effect.NOT_DONE);
        boolean touched = changes.stream().anyMatch(HaproxyChange::touched);
        if (none && !touched) {
            throw results.get(0).fault().orElseThrow().exception();
        }
        return new Outcome(results);
    }

    @Override
    public Verification verify(Desired desired, Instant deadline, Progress progress) {
        desired.shares().requireKnown(settings.servers().keySet());
        return patience.verify(this::observe, desired, deadline, Optional.empty(), progress);
    }

    @Override
    public void close() {}
}
