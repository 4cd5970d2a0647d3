package dev.muster.postgres.promotion;

import java.time.Duration;
import java.time.Instant;

/**
 * How long no member took writes: from the beginning of the old primary's stop to the first look at which the new one
 * took writes. An upper bound, up to the difference between the clocks of the two hosts.
 */
public record SwitchoverGap(Instant began, Instant ended) {
    /** Zero if the clocks differ by more than the gap was long. */
    public Duration length() {
        Duration length = Duration.between(began, ended);
        return length.isNegative() ? Duration.ZERO : length;
    }
}
