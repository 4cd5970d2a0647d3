package dev.muster.repository.keys;

import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.EncryptedStore;
import dev.muster.repository.layout.ObjectName;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/** Which key each object of a repository is encrypted under, from the first 24 bytes of every one. */
final class KeyUse {
    /** Requests that wait, for each thread: a listing may be much faster than reading. */
    private static final int AHEAD = 16;

    private static final int PROGRESS = 1000;

    private final ObjectStore store;
    private final LongConsumer progress;
    private final Map<String, Long> counts = new TreeMap<>();
    private final AtomicLong seen = new AtomicLong();
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();

    private KeyUse(ObjectStore store, LongConsumer progress) {
        this.store = store;
        this.progress = progress;
    }

    /**
     * How many objects there are by kid. Returns only if every object could be told.
     *
     * @param threads 1 or more
     * @param progress is told now and then how many objects were looked at, by any thread
     * @throws RepositoryException KEY_USE_UNKNOWN if an object does not say which key it needs
     */
    static Map<String, Long> count(ObjectStore store, int threads, LongConsumer progress) {
        KeyUse use = new KeyUse(store, progress);
        ExecutorService readers = Executors.newFixedThreadPool(threads);
        Semaphore room = new Semaphore(threads * AHEAD);
        try {
            store.list("", object -> {
                boolean plain = Stream.of(KeySlot.FOLDER, ObjectName.REPLICAS).anyMatch(object.key()::startsWith);
                if (plain || object.key().equals(ObjectName.REPOSITORY)) {
                    return;
                }
                room.acquireUninterruptibly();
                use.throwIfFailed();
                readers.execute(() -> {
                    try {
                        use.look(object);
                    } finally {
                        room.release();
                    }
                });
            });
            readers.shutdown();
            if (!readers.awaitTermination(1, TimeUnit.DAYS)) {
                throw new IllegalStateException("Reading the heads of objects took longer than a day");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while it was looked which keys are in use", e);
        } finally {
            readers.shutdownNow();
        }
        use.throwIfFailed();
        progress.accept(use.seen.get());
        return use.counts;
    }

    private void look(ObjectInfo object) {
        try {
            String kid = EncryptedStore.kidOf(store, object);
            synchronized (counts) {
                counts.merge(kid, 1L, Long::sum);
            }
        } catch (ObjectMissingException gone) {
            return; // Expired since it was listed.
        } catch (RepositoryException e) {
            failure.compareAndSet(
                    null,
                    new RepositoryException(
                            "KEY_USE_UNKNOWN",
                            "It cannot be told which key every object needs: " + e.getMessage(),
                            "Nothing was removed. Take the object from another copy of the repository, or move what is"
                                    + " none of Muster's out of the store.",
                            e));
        } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
        }
        long number = seen.incrementAndGet();
        if (number % PROGRESS == 0) {
            progress.accept(number);
        }
    }

    private void throwIfFailed() {
        RuntimeException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
    }
}
