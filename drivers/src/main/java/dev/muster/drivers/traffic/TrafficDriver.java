package dev.muster.drivers.traffic;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One endpoint's traffic by one means. Asks the real places each time and remembers nothing that a repeat in another
 * process would need. Whatever is thrown is a {@link TrafficException} and means that nothing was changed; after an
 * interruption or an exception of {@link Progress} the outcome is unknown.
 */
public interface TrafficDriver extends AutoCloseable {
    /** For people: what is changed and where, without secrets. */
    String description();

    /** Asks every place; one that does not answer is named and hides no other. */
    Observation observe();

    /** Asks, without changing anything, whether {@link #apply} would be possible: names, credentials, present state. */
    Readiness check(Desired desired);

    /** Before a planned switch: shortens the life of answers in caches. Repeating it changes nothing more. */
    default Preparation prepare(Progress progress) {
        return new Preparation(new Outcome(List.of()), Optional.empty());
    }

    /**
     * Makes it so. Asked for twice, the second one changes nothing. A place that shows neither what the plan saw nor what
     * is desired is refused with TRAFFIC_CHANGED before any place is touched.
     */
    Outcome apply(Desired desired, Progress progress);

    /** Asks every place until all show it, or the deadline comes. */
    Verification verify(Desired desired, Instant deadline, Progress progress);

    /** After a switch that stays: takes back what {@link #prepare} and {@link #apply} shortened. */
    default Outcome settle(Progress progress) {
        return new Outcome(List.of());
    }

    @Override
    void close();
}
