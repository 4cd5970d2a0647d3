package dev.muster.postgres.lease;

import java.time.Duration;

/**
 * The arithmetic of a lease, all of it from its ttl. With T the ttl, counted from before the request was sent:
 *
 * <pre>
 * 0          T/3            stopAt        killAt            until           T
 * |-- renewal due --|-- tries --|-- crash-stop --|-- SIGKILL --|-- drift --|
 * </pre>
 *
 * {@code until = T - drift} is when the lease may pass on at the earliest; {@code stopAt = until - stop}, with the bound
 * {@code stop} of stopping: looks of keeper and guard, an immediate shutdown, and SIGKILL. So the server is dead before
 * {@code until}, whatever the last renewal becomes.
 *
 * @param ttl whole seconds, as etcd takes them
 * @param drift what two clocks may differ over one ttl, and the steps of 10 ms of this one
 * @param stop from the order to stop until the server is dead
 */
public record LeaseTiming(Duration ttl, Duration drift, Duration stop) {
    /** From the order to stop until SIGKILL, of the bound of stopping: the rest is for the kernel. */
    private static final int KILL_NUMERATOR = 3;

    private static final int KILL_DENOMINATOR = 5;
    private static final Duration SHORTEST = Duration.ofSeconds(3);
    /** A stop that has less is not to be relied on: the guard looks each 100 ms. */
    private static final Duration SHORTEST_STOP = Duration.ofMillis(800);

    public LeaseTiming {
        if (ttl.compareTo(SHORTEST) < 0 || ttl.toMillis() % 1000 != 0) {
            throw new IllegalArgumentException("A lease's ttl is 3 seconds or more, whole ones, not " + ttl);
        }
        if (drift.toMillis() < 50 || stop.compareTo(SHORTEST_STOP) < 0) {
            throw new IllegalArgumentException("A lease needs 50 ms for drift and 800 ms for stopping, at least");
        }
        long left = ttl.minus(drift).minus(stop).minus(ttl.dividedBy(3)).toMillis();
        if (left < ttl.toMillis() / 5) {
            throw new IllegalArgumentException("A ttl of " + ttl + " leaves " + left
                    + " ms for a renewal after it is due, less than a fifth: a longer ttl or a shorter stop");
        }
    }

    /** Drift of 2 % and 50 ms (NTP slews by 0.05 % at most), a third for stopping, but at most 10 s. */
    public static LeaseTiming of(Duration ttl) {
        Duration third = ttl.dividedBy(3);
        Duration most = Duration.ofSeconds(10);
        return new LeaseTiming(ttl, ttl.dividedBy(50).plusMillis(50), third.compareTo(most) < 0 ? third : most);
    }

    public Duration renewEvery() {
        return ttl.dividedBy(3);
    }

    /** Of one exchange with one endpoint: all three can be tried between a renewal's time and the stop. */
    Duration exchange() {
        long millis = ttl.toMillis() / 12;
        return Duration.ofMillis(Math.max(200, Math.min(2000, millis)));
    }

    /** All in milliseconds of the boot clock. */
    long until(long sent) {
        return sent + ttl.minus(drift).toMillis();
    }

    long stopAt(long sent) {
        return until(sent) - stop.toMillis();
    }

    long killAt(long sent) {
        return stopAt(sent) + stop.toMillis() * KILL_NUMERATOR / KILL_DENOMINATOR;
    }
}
