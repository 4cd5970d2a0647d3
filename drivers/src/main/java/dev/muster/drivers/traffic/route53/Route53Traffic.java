package dev.muster.drivers.traffic.route53;

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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;

/** A record in a hosted zone, changed in one batch, and proven when Route 53 says that all of its servers have it. */
public final class Route53Traffic implements TrafficDriver {
    private final Route53Settings settings;
    private final HostedZone zone;
    private final RecordChange records;
    private final Patience patience;

    public Route53Traffic(Route53Settings settings, Patience patience) {
        this.settings = settings;
        this.patience = patience;
        this.zone = new HostedZone(settings);
        this.records = new RecordChange(settings, zone.name());
    }

    @Override
    public String description() {
        return "Route 53 record " + settings.record() + " " + settings.type() + " in zone " + settings.zone();
    }

    @Override
    public Observation observe() {
        return new Observation(patience.clock().instant(), List.of(place(() -> records.shown(zone.seen()))));
    }

    private Place place(Supplier<Answer> ask) {
        Answer answer;
        try {
            answer = ask.get();
        } catch (TrafficException e) {
            answer = new Answer.Silent(e.fault());
        }
        return new Place(zone.place(), "Route 53's API", answer);
    }

    @Override
    public Readiness check(Desired desired) {
        try {
            records.requirePossible(desired.shares());
            requireReplaceable(records.shown(zone.seen()), desired);
            Fault right = new Fault(
                    "TRAFFIC_NOT_VERIFIABLE",
                    "Whether the credentials may change " + settings.record() + " cannot be asked without a change",
                    "They need route53:ChangeResourceRecordSets and route53:GetChange too.");
            return new Readiness(List.of(), List.of(right));
        } catch (TrafficException e) {
            return new Readiness(List.of(e.fault()), List.of());
        }
    }

    private void requireReplaceable(Answer.Shown shown, Desired desired) {
        if (!shown.strangers().isEmpty() || !desired.mayReplace(shown.shares())) {
            throw new TrafficException(
                    "TRAFFIC_CHANGED",
                    settings.record() + " shows " + shown.detail()
                            + ", which is neither what the plan saw nor what is desired (" + desired.shares() + ")",
                    "Nothing was changed by this step. Find out who did, then plan again.");
        }
    }

    @Override
    public Outcome apply(Desired desired, Progress progress) {
        records.requirePossible(desired.shares());
        List<ResourceRecordSet> seen = zone.seen();
        Answer.Shown shown = records.shown(seen);
        requireReplaceable(shown, desired);
        if (shown.shares().equals(desired.shares())) {
            return Outcome.of(Outcome.Result.of(zone.place(), Outcome.Effect.ALREADY, ""));
        }
        RecordChange.Replacement change = records.replacement(seen, desired.shares());
        progress.at("Asking Route 53 for " + settings.record() + " to lead to " + desired.shares());
        return Outcome.of(zone.replace(change.seen(), change.wanted(), desired.token()));
    }

    @Override
    public Verification verify(Desired desired, Instant deadline, Progress progress) {
        records.requirePossible(desired.shares());
        // Empty until one was asked for.
        AtomicReference<String> change = new AtomicReference<>("");
        return patience.verify(
                () -> new Observation(patience.clock().instant(), List.of(place(() -> propagated(desired, change)))),
                desired,
                deadline,
                Optional.of(settings.ttl()),
                progress);
    }

    /**
     * Only changes have a state of propagation, and whoever verifies need not be whoever changed. So the records that are
     * desired and there are replaced by themselves, in one batch that fails if they are not there any more: when all
     * servers have that, they have the records.
     */
    private Answer propagated(Desired desired, AtomicReference<String> change) {
        List<ResourceRecordSet> seen = zone.seen();
        Answer.Shown shown = records.shown(seen);
        if (!shown.fulfils(desired.shares())) {
            change.set("");
            return shown;
        }
        if ("".equals(change.get())) {
            Outcome.Result touched = zone.replace(seen, seen, desired.token() + " verify");
            if (touched.fault().isPresent()) {
                return new Answer.Silent(touched.fault().get());
            }
            change.set(touched.detail());
        }
        String id = String.valueOf(change.get());
        return zone.isInSync(id)
                ? shown
                : new Answer.Silent(new Fault(
                        "TRAFFIC_NOT_YET",
                        "Route 53 has not told all of its servers yet (" + id + ")",
                        "It usually takes less than a minute."));
    }

    @Override
    public void close() {
        zone.close();
    }
}
