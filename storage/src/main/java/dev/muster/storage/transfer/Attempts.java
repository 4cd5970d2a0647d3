package dev.muster.storage.transfer;

import dev.muster.storage.StoreException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/**
 * Tries a request that may be repeated without harm {@value #MAX} times, with growing pauses, when the store could not
 * be reached or asked for a slower pace. The libraries below try nothing again themselves, but for the JDK, which once
 * repeats a GET whose connection ended before an answer. Thread-safe.
 */
public final class Attempts {
    public static final int MAX = 4;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** @throws StoreException of the last attempt, or the first that another attempt cannot help */
    public <T> T call(Supplier<T> request) {
        for (int tries = 1; ; tries++) {
            try {
                return request.get();
            } catch (StoreException e) {
                if (!again(tries, e)) {
                    throw e;
                }
            }
        }
    }

    /**
     * Whether to try again; waits before it says so, with some randomness, so that many workers do not come back at once.
     *
     * @param tries made without progress, including the one that failed so
     */
    public boolean again(int tries, StoreException failure) {
        if (tries >= MAX || !mayPass(failure) || Thread.currentThread().isInterrupted()) {
            return false;
        }
        long longest = Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << (tries - 1));
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(longest / 2, longest + 1));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean mayPass(StoreException failure) {
        return failure.code().equals("STORE_UNREACHABLE") || failure.code().equals("STORE_THROTTLED");
    }
}
