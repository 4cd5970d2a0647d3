package dev.muster.storage.testing;

import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A store whose user is killed at its n-th change: a begun object, bytes written to it, its commit, or a deletion. From
 * then on nothing reaches the store, as from a process that is gone, and every call throws {@link Died}.
 */
public final class DyingStore implements ObjectStore {
    private final ObjectStore store;
    private final int lastChange;
    private final Moment moment;
    private final AtomicInteger changes = new AtomicInteger();
    private volatile boolean dead;

    /** Whether the last change took effect. */
    public enum Moment {
        BEFORE,
        AFTER
    }

    /** No exception that anybody handles. */
    public static final class Died extends Error {
        private static final long serialVersionUID = 1;

        Died() {
            super("Killed by a test");
        }
    }

    /** @param change the one that kills, from 1 */
    public DyingStore(ObjectStore store, int change, Moment moment) {
        this.store = store;
        this.lastChange = change;
        this.moment = moment;
    }

    /** Whether it came to the change that kills. */
    public boolean died() {
        return dead;
    }

    @Override
    public String url() {
        return store.url();
    }

    @Override
    public ObjectWriter create(String key) {
        return change(() -> new Writer(store.create(key)));
    }

    @Override
    public InputStream open(String key) {
        requireAlive();
        return store.open(key);
    }

    @Override
    public InputStream open(String key, long offset, long length) {
        requireAlive();
        return store.open(key, offset, length);
    }

    @Override
    public Optional<ObjectInfo> find(String key) {
        requireAlive();
        return store.find(key);
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        requireAlive();
        store.list(prefix, each);
    }

    @Override
    public void delete(String key) {
        change(() -> store.delete(key));
    }

    private void change(Runnable action) {
        change(() -> {
            action.run();
            return this;
        });
    }

    private <T> T change(Supplier<T> action) {
        requireAlive();
        boolean last = changes.incrementAndGet() == lastChange;
        if (last && moment == Moment.BEFORE) {
            dead = true;
        }
        requireAlive();
        try {
            return action.get();
        } finally {
            dead |= last;
            // Also instead of a refusal: the dead do not read their answers.
            requireAlive();
        }
    }

    private void requireAlive() {
        if (dead) {
            throw new Died();
        }
    }

    private final class Writer implements ObjectWriter {
        private final ObjectWriter writer;

        Writer(ObjectWriter writer) {
            this.writer = writer;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            change(() -> writer.write(bytes, offset, length));
        }

        @Override
        public void commit() {
            change(writer::commit);
        }

        /** The dead clean nothing up. */
        @Override
        public void close() {
            if (!dead) {
                writer.close();
            }
        }
    }
}
