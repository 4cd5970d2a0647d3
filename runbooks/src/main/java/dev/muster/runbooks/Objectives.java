package dev.muster.runbooks;

import java.time.Duration;
import java.util.Optional;

/**
 * What is promised.
 *
 * @param rto from the fault to the recovered state being verified, {@link #SHORTEST} to {@link #LONGEST}
 * @param rpo commits of the last this-long may be lost, {@link #SHORTEST} to {@link #LONGEST}
 */
public record Objectives(Duration rto, Duration rpo) {
    /** Nothing that is probed, decided and verified over a network takes less. */
    public static final Duration SHORTEST = Duration.ofSeconds(1);

    public static final Duration LONGEST = Duration.ofDays(30);

    public Objectives {
        check("RTO", rto);
        check("RPO", rpo);
    }

    private static void check(String name, Duration value) {
        if (!possible(value)) {
            throw new IllegalArgumentException("An " + name + " is between 1s and 30d, not " + value);
        }
    }

    /** Whether this can be an objective at all. */
    public static boolean possible(Duration value) {
        return value.compareTo(SHORTEST) >= 0 && value.compareTo(LONGEST) <= 0;
    }

    /** These, with what the override says instead. */
    public Objectives with(Overrides overrides) {
        return new Objectives(overrides.rto().orElse(rto), overrides.rpo().orElse(rpo));
    }

    /** Objectives of which none, one or both are said. */
    public record Overrides(Optional<Duration> rto, Optional<Duration> rpo) {
        public static final Overrides NONE = new Overrides(Optional.empty(), Optional.empty());
    }
}
