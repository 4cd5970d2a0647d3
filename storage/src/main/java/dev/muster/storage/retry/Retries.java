package dev.muster.storage.retry;

import dev.muster.storage.StoreClock;
import dev.muster.storage.StoreException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** When something is tried again: a few times, after waits that grow and differ, while the budget lasts. Thread-safe. */
public final class Retries {
    private static final Logger LOG = LoggerFactory.getLogger(Retries.class);
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration FIRST_THROTTLED = Duration.ofMillis(500);
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private final int limit;
    private final RetryBudget budget;
    private final StoreClock clock;
    private final RandomGenerator random;
    private final Consumer<StoreException> repeated;

    /**
     * @param limit repetitions of one request, without its first try
     * @param random thread-safe
     * @param repeated is told what is tried again
     */
    public Retries(
            int limit,
            RetryBudget budget,
            StoreClock clock,
            RandomGenerator random,
            Consumer<StoreException> repeated) {
        this.limit = limit;
        this.budget = budget;
        this.clock = clock;
        this.random = random;
        this.repeated = repeated;
    }

    /** Nothing is tried again. */
    public static Retries none() {
        return new Retries(0, new RetryBudget(0), StoreClock.SYSTEM, new java.util.Random(), failure -> {});
    }

    /** What is safe to do twice. */
    public <T> T call(Supplier<T> action) {
        for (int tries = 1; ; tries++) {
            try {
                T result = action.get();
                succeeded();
                return result;
            } catch (StoreException e) {
                if (!again(tries, e)) {
                    throw e;
                }
            }
        }
    }

    /** Of one request, for libraries that repeat by their own rules what only they can. */
    public int limit() {
        return limit;
    }

    public void succeeded() {
        budget.succeeded();
    }

    /**
     * Whether to try again; waits before it says so.
     *
     * @param tries made without progress, including the one that failed so
     */
    public boolean again(int tries, StoreException failure) {
        if (!transitory(failure)
                || GivenUp.on(failure)
                || Thread.currentThread().isInterrupted()) {
            return false;
        }
        if (tries > limit || !budget.take()) {
            // Layers above have the same rules: they do not start anew.
            failure.addSuppressed(new GivenUp(tries));
            return false;
        }
        repeated.accept(failure);
        LOG.debug("Tried {} times, trying again: {}", tries, failure.getMessage());
        try {
            clock.sleep(pause(tries, failure));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Whether the same request may succeed later without anybody doing anything. */
    public static boolean transitory(StoreException failure) {
        return failure.code().equals("STORE_UNREACHABLE") || failure.code().equals("STORE_THROTTLED");
    }

    private Duration pause(int tries, StoreException failure) {
        Duration first = failure.code().equals("STORE_THROTTLED") ? FIRST_THROTTLED : FIRST;
        long longest = Math.min(LONGEST.toMillis(), first.toMillis() << Math.min(tries - 1, 20));
        // At least half: a wait of nothing spreads callers, but gives the store no time.
        return Duration.ofMillis(longest / 2 + random.nextLong(longest / 2 + 1));
    }

    /** Says on an exception that its request was repeated as often as it may be. */
    private static final class GivenUp extends Exception {
        GivenUp(int tries) {
            super("Given up after " + tries + (tries == 1 ? " try" : " tries"), null, false, false);
        }

        static boolean on(StoreException failure) {
            for (Throwable suppressed : failure.getSuppressed()) {
                if (suppressed instanceof GivenUp) {
                    return true;
                }
            }
            return false;
        }
    }
}
