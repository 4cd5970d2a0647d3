package dev.muster.cli.repo;

import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** One line on standard error that is written over each second; only where somebody looks at a terminal. */
final class ProgressLine implements AutoCloseable {
    private static final long EVERY = TimeUnit.SECONDS.toNanos(1);

    private final PrintWriter err;
    private final boolean shown = Boolean.getBoolean("muster.terminal.errors");
    private final AtomicLong next = new AtomicLong(System.nanoTime() + EVERY);
    private final AtomicLong bytes = new AtomicLong();
    private volatile boolean written;

    ProgressLine(PrintWriter err) {
        this.err = err;
    }

    /** As the copies of trees call it: sums so far. */
    void files(long files, long sum) {
        show(Amount.count(files, "file", "files") + ", " + Amount.bytes(sum));
    }

    /** As streams call it: what has just come. */
    void stream(long files, long more) {
        show(Amount.bytes(bytes.addAndGet(more)));
    }

    /** As the copies of clusters call it. */
    void part(long done, long total) {
        show(Amount.bytes(done) + " of " + Amount.bytes(total));
    }

    private void show(String text) {
        long due = next.get();
        long now = System.nanoTime();
        if (shown && now - due >= 0 && next.compareAndSet(due, now + EVERY)) {
            written = true;
            err.printf("\r\033[K%s", text);
            err.flush();
        }
    }

    /** Leaves the line empty for what is said next. */
    @Override
    public void close() {
        if (written) {
            err.print("\r\033[K");
            err.flush();
        }
    }
}
