package dev.muster.embedded.orders;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A steady beat that can be ended from outside. What was missed while something took long is not made up for. */
final class Pace {
    private final long nanosBetween;
    private final CountDownLatch end;
    private long next = System.nanoTime();

    /** @param perSecond beats, above 0 */
    Pace(double perSecond, CountDownLatch end) {
        this.nanosBetween = (long) (TimeUnit.SECONDS.toNanos(1) / perSecond);
        this.end = end;
    }

    /** Waits for the next beat. False when the end has come instead. */
    boolean await() {
        next = Math.max(next + nanosBetween, System.nanoTime());
        try {
            return !end.await(next - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
