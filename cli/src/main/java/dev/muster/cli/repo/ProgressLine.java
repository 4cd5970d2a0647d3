package dev.muster.cli.repo;

import dev.muster.postgres.TimeLeft;
import dev.muster.repository.expiry.ExpiryProgress;
import dev.muster.repository.replication.ReplicationProgress;
import dev.muster.runbooks.Durations;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** One line on standard error that is written over each second; only where somebody looks at a terminal. */
final class ProgressLine implements AutoCloseable {
    private static final long EVERY = TimeUnit.SECONDS.toNanos(1);

    private final PrintWriter err;
    private final boolean shown = Boolean.getBoolean("muster.terminal.errors");
    private final AtomicLong next = new AtomicLong(System.nanoTime() + EVERY);
    private final AtomicLong bytes = new AtomicLong();
    private final TimeLeft left = new TimeLeft(System::nanoTime);
    private volatile boolean written;

    ProgressLine(PrintWriter err) {
        this.err = err;
    }

    /** As the copies of trees call it: sums so far. */
    void files(long files, long sum) {
        show(() -> Amount.count(files, "file", "files") + ", " + Amount.bytes(sum));
    }

    /** As streams call it: what has just come. */
    void stream(long files, long more) {
        long sum = bytes.addAndGet(more);
        show(() -> Amount.bytes(sum));
    }

    /** As the copies of clusters call it. */
    void part(long done, long total) {
        show(() -> Amount.bytes(done) + " of " + Amount.bytes(total)
                + left.after(done, total)
                        .map(time -> ", about " + Durations.format(time) + " left")
                        .orElse(""));
    }

    /** As replication calls it, by several threads. */
    ReplicationProgress copies(String to) {
        AtomicLong objects = new AtomicLong();
        AtomicLong copied = new AtomicLong();
        return (key, size) -> {
            long count = objects.incrementAndGet();
            long sum = copied.addAndGet(size);
            show(() -> Amount.count(count, "object", "objects") + ", " + Amount.bytes(sum) + " to " + to);
        };
    }

    /** As expiry calls it. */
    ExpiryProgress deletions() {
        AtomicLong objects = new AtomicLong();
        return new ExpiryProgress() {
            @Override
            public void step(Step step) {
                show(() -> step.name().toLowerCase(Locale.ROOT).replace('_', ' '));
            }

            @Override
            public void deleted(String key) {
                long count = objects.incrementAndGet();
                show(() -> Amount.count(count, "object deleted", "objects deleted"));
            }
        };
    }

    /** Called for each piece of data: the text is made only where it is shown. */
    private void show(Supplier<String> text) {
        long due = next.get();
        long now = System.nanoTime();
        if (shown && now - due >= 0 && next.compareAndSet(due, now + EVERY)) {
            written = true;
            err.printf("\r\033[K%s", text.get());
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
