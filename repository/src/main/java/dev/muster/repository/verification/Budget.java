package dev.muster.repository.verification;

import java.time.Duration;

/**
 * How much one rolling look may read.
 *
 * @param bytes as stored, at least one object is looked at
 * @param time after which no object is begun
 */
public record Budget(long bytes, Duration time) {
    public static final Budget UNLIMITED = new Budget(Long.MAX_VALUE, Duration.ofDays(3_650));

    public Budget {
        if (bytes < 1 || time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException("Not a budget: " + bytes + " bytes, " + time);
        }
    }
}
