package dev.muster.storage;

import java.time.Duration;

/** The time that passes, and the passing of it; a test has its own. */
public interface StoreClock {
    /** The machine's. */
    StoreClock SYSTEM = new StoreClock() {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public void sleep(Duration time) throws InterruptedException {
            Thread.sleep(time.toMillis(), time.toNanosPart() % 1_000_000);
        }
    };

    /** Since some moment; only differences mean something. */
    long nanos();

    void sleep(Duration time) throws InterruptedException;
}
