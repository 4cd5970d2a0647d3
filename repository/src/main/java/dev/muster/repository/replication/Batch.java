package dev.muster.repository.replication;

import dev.muster.repository.work.Crew;
import dev.muster.storage.ObjectInfo;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Objects that are copied at once, and what became of them together. */
final class Batch {
    private final ObjectCopier copier;
    private final Crew crew;
    private final AtomicInteger copied = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger gone = new AtomicInteger();

    Batch(ObjectCopier copier, Crew crew) {
        this.copier = copier;
        this.crew = crew;
    }

    /** @param there sizes of what the replica has, by key */
    void add(ObjectInfo object, Map<String, Long> there) {
        Optional<Long> size = Optional.ofNullable(there.get(object.key()));
        crew.submit(() -> count(copier.copy(object, size)));
    }

    void failed() {
        failed.incrementAndGet();
    }

    /** All that were added are durable in the replica, or counted as failed or gone. */
    void finish() {
        crew.finish();
    }

    private void count(ObjectCopier.Outcome outcome) {
        switch (outcome) {
            case COPIED -> copied.incrementAndGet();
            case FAILED -> failed.incrementAndGet();
            case GONE -> gone.incrementAndGet();
            case PRESENT -> {}
        }
    }

    boolean copiedSome() {
        return copied.get() > 0;
    }

    boolean failedSome() {
        return failed.get() > 0;
    }

    boolean goneSome() {
        return gone.get() > 0;
    }
}
