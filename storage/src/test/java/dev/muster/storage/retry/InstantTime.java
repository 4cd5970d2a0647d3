package dev.muster.storage.retry;

import dev.muster.storage.StoreClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Time that passes only by waiting for it, and then at once. */
public final class InstantTime implements StoreClock {
    private final List<Duration> waits = new ArrayList<>();
    private long now;

    /** Without a budget that could end. */
    public static Retries retries(int limit) {
        return new Retries(limit, new RetryBudget(1_000_000), new InstantTime(), new Random(7), failure -> {});
    }

    @Override
    public synchronized long nanos() {
        return now;
    }

    @Override
    public synchronized void sleep(Duration time) {
        waits.add(time);
        now += time.toNanos();
    }

    /** What was waited for. */
    public synchronized List<Duration> waits() {
        return List.copyOf(waits);
    }

    /** Lets time pass. */
    public synchronized void pass(Duration time) {
        now += time.toNanos();
    }
}
