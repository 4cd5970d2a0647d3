package dev.muster.postgres;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Estimates when something long will be done, from its speed in the last two minutes. Thread-safe. */
public final class TimeLeft {
    private static final long WINDOW = Duration.ofMinutes(2).toNanos();
    private static final long BETWEEN_SAMPLES = Duration.ofSeconds(5).toNanos();
    /** Before that a speed is hardly one. */
    private static final long SHORTEST = Duration.ofSeconds(2).toNanos();

    private record Sample(long at, long done) {}

    private final LongSupplier nanoClock;
    private final Deque<Sample> samples = new ArrayDeque<>();

    /** @param nanoClock such as System::nanoTime */
    public TimeLeft(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** Empty as long as nobody can know. */
    public synchronized Optional<Duration> after(long done, long total) {
        long now = nanoClock.getAsLong();
        if (samples.isEmpty() || now - samples.getLast().at() >= BETWEEN_SAMPLES) {
            samples.add(new Sample(now, done));
        }
        while (samples.size() > 2 && now - samples.getFirst().at() > WINDOW) {
            samples.removeFirst();
        }
        Sample first = samples.getFirst();
        long elapsed = now - first.at();
        long progress = done - first.done();
        if (elapsed < SHORTEST || progress <= 0) {
            return Optional.empty();
        }
        double seconds = Math.max(0, total - done) * (elapsed / 1e9) / progress;
        return Optional.of(Duration.ofSeconds(Math.round(seconds)));
    }
}
