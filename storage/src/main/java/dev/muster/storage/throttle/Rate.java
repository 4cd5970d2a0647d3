package dev.muster.storage.throttle;

import dev.muster.storage.StoreClock;
import dev.muster.storage.StoreException;
import java.time.Duration;

/** So many bytes a second for all who share it, with a quarter of a second's worth at once. Thread-safe. */
public final class Rate {
    private static final long SECOND = 1_000_000_000L;

    private final long bytesPerSecond;
    private final StoreClock clock;
    /** By the clock, when all that was taken is paid for. */
    private long paidAt;

    public Rate(long bytesPerSecond, StoreClock clock) {
        if (bytesPerSecond <= 0) {
            throw new IllegalArgumentException("Not a rate: " + bytesPerSecond);
        }
        this.bytesPerSecond = bytesPerSecond;
        this.clock = clock;
        this.paidAt = clock.nanos();
    }

    /** How much to pass on at once, so that a slow rate flows instead of coming in jolts. */
    int portion() {
        return (int) Math.max(1, Math.min(64 << 10, bytesPerSecond / 4));
    }

    /** Waits until so many bytes may pass. */
    void take(int bytes) {
        long wait = reserve(bytes);
        if (wait <= 0) {
            return;
        }
        try {
            clock.sleep(Duration.ofNanos(wait));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(
                    "STORE_UNREACHABLE",
                    "A transfer that waited for its share of the network was interrupted, by a cancellation or an end"
                            + " of the program.",
                    "Nothing is wrong with the store. Do it again if it is still wanted.",
                    e);
        }
    }

    private synchronized long reserve(int bytes) {
        long now = clock.nanos();
        // What was not used before is not saved up beyond the burst.
        paidAt = Math.max(paidAt, now - SECOND / 4) + (long) ((double) bytes / bytesPerSecond * SECOND);
        return paidAt - now;
    }
}
