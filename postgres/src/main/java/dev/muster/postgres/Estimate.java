package dev.muster.postgres;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * How far a copy is, and how long it will take if it goes on as fast as on average so far.
 *
 * @param done bytes
 * @param total bytes
 * @param left empty until enough is done to tell
 */
public record Estimate(long done, long total, Duration elapsed, Optional<Duration> left) {
    /** Before that the average says nothing: files that are there already go by faster than others. */
    private static final long TELLING = 100;

    static Estimate of(long done, long total, Duration elapsed) {
        boolean telling = done > 0 && done >= total / TELLING;
        long remaining = Math.max(0, total - done);
        Optional<Duration> left = telling
                ? Optional.of(Duration.ofMillis((long) ((double) elapsed.toMillis() / done * remaining)))
                : Optional.empty();
        return new Estimate(done, total, elapsed, left);
    }

    /** A progress that tells of itself at most so often, and at the end. */
    public static Progress every(Duration interval, Consumer<Estimate> listener) {
        return every(interval, listener, System::nanoTime);
    }

    static Progress every(Duration interval, Consumer<Estimate> listener, LongSupplier nanoTime) {
        long begun = nanoTime.getAsLong();
        AtomicLong next = new AtomicLong(begun);
        return (done, total) -> {
            long now = nanoTime.getAsLong();
            long due = next.get();
            boolean ours = now - due >= 0 && next.compareAndSet(due, now + interval.toNanos());
            if (ours || done == total) {
                listener.accept(of(done, total, Duration.ofNanos(now - begun)));
            }
        };
    }
}
