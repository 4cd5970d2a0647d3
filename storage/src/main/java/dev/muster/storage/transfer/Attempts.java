package dev.muster.storage.transfer;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.StoreException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Tries a request that may be repeated without harm {@value #MAX} times, with growing pauses, when the store could not
 * be reached or asked for a slower pace. The libraries below try nothing again themselves, but for the JDK, which once
 * repeats a GET whose connection ended before an answer.
 */
public final class Attempts {
    public static final int MAX = 4;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private Attempts() {}

    /** @throws StoreException of the last attempt, or the first that another attempt cannot help */
    public static <T> T of(Supplier<T> request) {
        for (int attempt = 1; ; attempt++) {
            try {
                return request.get();
            } catch (StoreException e) {
                if (attempt == MAX || !mayPass(e)) {
                    throw e;
                }
                pause(attempt, e);
            }
        }
    }

    public static void run(Runnable request) {
        of(() -> {
            request.run();
            return true;
        });
    }

    /**
     * Creates an object that must not be there. An attempt that seemed to fail may have succeeded, and the next one then
     * finds the key taken: by this writer itself.
     *
     * @param isOurs whether what is there was created by this writer
     * @throws dev.muster.storage.ObjectExistsException if somebody else created it
     */
    public static void create(Runnable request, BooleanSupplier isOurs) {
        boolean[] uncertain = {false};
        run(() -> {
            try {
                request.run();
            } catch (ObjectExistsException e) {
                if (!uncertain[0] || !isOurs.getAsBoolean()) {
                    throw e;
                }
            } catch (StoreException e) {
                uncertain[0] = true;
                throw e;
            }
        });
    }

    /** Whether the same request may succeed a moment later. */
    public static boolean mayPass(StoreException trouble) {
        return !Thread.currentThread().isInterrupted()
                && (trouble.code().equals("STORE_UNREACHABLE") || trouble.code().equals("STORE_THROTTLED"));
    }

    /**
     * Waits before the next attempt; with some randomness, so that many workers do not come back at once.
     *
     * @param attempt the one that failed, from 1
     * @throws StoreException what made the attempt fail, if this thread is interrupted
     */
    public static void pause(int attempt, StoreException trouble) {
        long longest = Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(attempt - 1, 10));
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(longest / 2, longest + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            trouble.addSuppressed(e);
            throw trouble;
        }
    }
}
