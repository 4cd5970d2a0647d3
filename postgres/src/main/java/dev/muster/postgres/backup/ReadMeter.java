package dev.muster.postgres.backup;

import dev.muster.postgres.Progress;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Counts what the threads of a backup read and did not have to read, tells of it, and holds them to the limit. */
final class ReadMeter {
    private final ReadLimit limit;
    private final Progress progress;
    private final AtomicLong read = new AtomicLong();
    private final AtomicLong reused = new AtomicLong();
    private final AtomicLong resumed = new AtomicLong();
    private final AtomicLong compacted = new AtomicLong();
    private final AtomicLong copiedForward = new AtomicLong();
    private final AtomicReference<@Nullable String> damage = new AtomicReference<>();
    private volatile long total;

    ReadMeter(OptionalLong bytesPerSecond, Progress progress) {
        this.limit = new ReadLimit(bytesPerSecond);
        this.progress = progress;
    }

    /** @param bytes that will be read, as far as can be known */
    void expect(long bytes) {
        total = bytes;
    }

    /** Before a read. */
    void await(int bytes) {
        check();
        limit.await(bytes, this::check);
    }

    /** After a read. */
    void read(int bytes) {
        progress.advanced(read.addAndGet(bytes), total);
    }

    /** Bytes of files that are where an earlier backup has them. */
    void reused(long bytes) {
        reused.addAndGet(bytes);
    }

    /** Bytes whose frames an unfinished backup had stored. */
    void resumed(long bytes) {
        resumed.addAndGet(bytes);
    }

    /** Bytes that were read although they were known, because they lay in too many pieces. */
    void compacted(long bytes) {
        compacted.addAndGet(bytes);
    }

    /** Bytes that were stored again although an earlier backup has them. */
    void copiedForward(long bytes) {
        copiedForward.addAndGet(bytes);
    }

    /** The parent cannot be read in some place: what was there is read from the file instead. */
    void parentDamaged(RuntimeException e) {
        damage.compareAndSet(null, e.getMessage());
    }

    void check() {
        progress.check("The backup");
    }

    long read() {
        return read.get();
    }

    long reused() {
        return reused.get();
    }

    long resumed() {
        return resumed.get();
    }

    long compacted() {
        return compacted.get();
    }

    long copiedForward() {
        return copiedForward.get();
    }

    @Nullable String damage() {
        return damage.get();
    }
}
