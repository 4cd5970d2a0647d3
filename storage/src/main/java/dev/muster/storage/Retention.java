package dev.muster.storage;

import java.time.Duration;
import java.util.Optional;

/**
 * For how long a new object is locked against removal.
 *
 * @param time empty for no lock of its own; a bucket with a default lock of its own applies that
 */
public record Retention(Optional<Duration> time) {
    public Retention {
        if (time.isPresent() && (time.get().isNegative() || time.get().isZero())) {
            throw new IllegalArgumentException("Not a time to lock an object for: " + time.get());
        }
    }

    /** No lock. */
    public static Retention none() {
        return new Retention(Optional.empty());
    }

    /** Counted from the object's creation. */
    public static Retention of(Duration time) {
        return new Retention(Optional.of(time));
    }
}
