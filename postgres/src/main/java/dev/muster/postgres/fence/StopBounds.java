package dev.muster.postgres.fence;

import java.time.Duration;

/**
 * How long each way of stopping PostgreSQL may take before the next, harder one.
 *
 * @param fast open transactions are rolled back and a checkpoint is made
 * @param immediate as a crash; recovery at the next start
 * @param kill all processes killed; what lives on after it hangs in the kernel
 */
public record StopBounds(Duration fast, Duration immediate, Duration kill) {
    public static final StopBounds DEFAULT =
            new StopBounds(Duration.ofSeconds(30), Duration.ofSeconds(5), Duration.ofSeconds(5));

    public StopBounds {
        if (fast.isNegative() || immediate.isNegative() || kill.isNegative() || kill.isZero()) {
            throw new IllegalArgumentException("Bounds of a stop are positive");
        }
    }
}
