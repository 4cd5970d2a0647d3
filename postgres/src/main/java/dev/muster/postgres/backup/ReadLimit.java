package dev.muster.postgres.backup;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Keeps all threads of a backup together below a number of bytes a second, so that the disk serves the server too. */
final class ReadLimit {
    private static final long LONGEST_PARK = TimeUnit.MILLISECONDS.toNanos(100);

    private final OptionalLong bytesPerSecond;
    private long free;

    /** @param bytesPerSecond 1 or more; none for no limit */
    ReadLimit(OptionalLong bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
        this.free = System.nanoTime();
    }

    /** Waits for the turn of so many bytes. Time in which nothing was read is not saved up. */
    void await(int bytes, Runnable check) {
        if (bytesPerSecond.isEmpty()) {
            return;
        }
        long turn;
        synchronized (this) {
            long now = System.nanoTime();
            turn = free - now > 0 ? free : now;
            free = turn + (long) (bytes * 1e9 / bytesPerSecond.getAsLong());
        }
        for (long left = turn - System.nanoTime(); left > 0; left = turn - System.nanoTime()) {
            check.run();
            LockSupport.parkNanos(Math.min(left, LONGEST_PARK));
        }
    }
}
