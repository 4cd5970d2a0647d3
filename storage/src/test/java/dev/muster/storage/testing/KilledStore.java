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
 * A store whose user is killed at its n-th change. From then on nothing reaches the store, as from a process that is gone:
 * every call throws {@link Killed}, and what was being written stays as it was.
 */
public final class KilledStore implements ObjectStore {
    private final ObjectStore store;
    private final boolean countsEachCall;
    private final int victim;
    private final When when;
    private final AtomicInteger changes = new AtomicInteger();
    private volatile boolean killed;

    /** Whether the change that kills took effect. */
    public enum When {
        BEFORE,
        AFTER
    }

    /** The end of the process. Nobody catches it but the test. */
    public static final class Killed extends Error {
        private static final long serialVersionUID = 1;

        Killed() {
            super("Killed by a test");
        }
    }

    private KilledStore(ObjectStore store, boolean countsEachCall, int victim, When when) {
        this.store = store;
        this.countsEachCall = countsEachCall;
        this.victim = victim;
        this.when = when;
    }

    /** @param victim which creation or deletion kills, from 1 */
    public static KilledStore atObject(ObjectStore store, int victim, When when) {
        return new KilledStore(store, false, victim, when);
    }

    /** @param victim which call kills that begins an object, writes to it, commits it or deletes one, from 1 */
    public static KilledStore atCall(ObjectStore store, int victim, When when) {
        return new KilledStore(store, true, victim, when);
    }

    /** Whether it came so far. */
    public boolean killed() {
        return killed;
    }

    @Override
    public String url() {
        return store.url();
    }

    @Override
    public ObjectWriter create(String key) {
        return part(() -> new Writer(store.create(key)));
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

    /** What is not a change by itself. */
    private <T> T part(Supplier<T> action) {
        requireAlive();
        return countsEachCall ? change(action) : action.get();
    }

    private void change(Runnable action) {
        change(() -> {
            action.run();
            return this;
        });
    }

    private <T> T change(Supplier<T> action) {
        requireAlive();
        boolean last = changes.incrementAndGet() == victim;
        if (last && when == When.BEFORE) {
            killed = true;
        }
        requireAlive();
        try {
            return action.get();
        } finally {
            killed |= last;
            // Also instead of a refusal: the dead do not read their answers.
            requireAlive();
        }
    }

    private void requireAlive() {
        if (killed) {
            throw new Killed();
        }
    }

    private final class Writer implements ObjectWriter {
        private final ObjectWriter writer;

        Writer(ObjectWriter writer) {
            this.writer = writer;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            part(() -> {
                writer.write(bytes, offset, length);
                return this;
            });
        }

        @Override
        public void commit() {
            change(writer::commit);
        }

        /** The dead clean nothing up. */
        @Override
        public void close() {
            if (!killed) {
                writer.close();
            }
        }
    }
}
