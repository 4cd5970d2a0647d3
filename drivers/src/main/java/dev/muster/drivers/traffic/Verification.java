package dev.muster.drivers.traffic;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Whether all places show what is desired.
 *
 * @param last what they said when they were last asked
 * @param missing for each place that is not proven, why
 * @param oldAnswersUntil until when whoever asked before may still act on the old answer, out of a cache; known when it is
 *     proven, and absent where the driver's places have no caches before them
 */
public record Verification(
        Standing standing, Observation last, List<Fault> missing, Optional<Instant> oldAnswersUntil) {
    public Verification {
        missing = List.copyOf(missing);
    }

    /** What is known. */
    public enum Standing {
        /** Each place was asked and shows it. */
        PROVEN,
        /** Not by the deadline. */
        NOT_YET,
        /** There is nobody to ask, which whoever configured the driver accepted. */
        CANNOT
    }
}
