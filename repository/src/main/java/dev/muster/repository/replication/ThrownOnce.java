package dev.muster.repository.replication;

import dev.muster.repository.RepositoryException;
import dev.muster.storage.StoreException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Keeps the first trouble with an object for who asked, where the threads that met it go on with something else. */
final class ThrownOnce {
    private final AtomicReference<@Nullable RuntimeException> first = new AtomicReference<>();

    void keep(Runnable work) {
        if (first.get() != null) {
            return;
        }
        try {
            work.run();
        } catch (RepositoryException | StoreException e) {
            first.compareAndSet(null, e);
        }
    }

    void rethrow() {
        RuntimeException thrown = first.get();
        if (thrown != null) {
            throw thrown;
        }
    }
}
