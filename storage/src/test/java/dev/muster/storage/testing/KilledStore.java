package dev.muster.storage.testing;

import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A store whose process is killed at its n-th change, before or after it took effect. A killed process does nothing
 * any more, so every call after that fails the same way, and what was being written stays as it was.
 */
public final class KilledStore implements ObjectStore {
    /** The end of the process. Nobody catches it but the test. */
    public static final class Killed extends Error {
        private static final long serialVersionUID = 1;

        Killed(String at) {
            super("Killed at " + at);
        }
    }

    /** Whether the change that a process is killed at took effect. */
    public enum When {
        BEFORE,
        AFTER
    }

    private final ObjectStore store;
    private final int victim;
    private final When when;
    private int changes;
    private volatile boolean killed;

    /** @param victim which creation or deletion it is killed at, from 1 */
    public KilledStore(ObjectStore store, int victim, When when) {
        this.store = store;
        this.victim = victim;
        this.when = when;
    }

    /** Whether it came so far. */
    public boolean killed() {
        return killed;
    }

    private synchronized void change(String what, Runnable action) {
        live();
        changes++;
        boolean now = changes == victim;
        if (now && when == When.BEFORE) {
            kill(what);
        }
        action.run();
        if (now) {
            kill(what);
        }
    }

    private void kill(String what) {
        killed = true;
        throw new Killed(what);
    }

    private void live() {
        if (killed) {
            throw new Killed("an earlier change");
        }
    }

    @Override
    public String url() {
        return store.url();
    }

    @Override
    public ObjectWriter create(String key) {
        live();
        ObjectWriter writer = store.create(key);
        return new ObjectWriter() {
            @Override
            public void write(byte[] bytes, int offset, int length) {
                live();
                writer.write(bytes, offset, length);
            }

            @Override
            public void commit() {
                change("the creation of " + key, writer::commit);
            }

            @Override
            public void close() {
                // A killed process closes nothing: what it had begun stays behind.
                if (!killed) {
                    writer.close();
                }
            }
        };
    }

    @Override
    public InputStream open(String key) {
        live();
        return store.open(key);
    }

    @Override
    public InputStream open(String key, long offset, long length) {
        live();
        return store.open(key, offset, length);
    }

    @Override
    public Optional<ObjectInfo> find(String key) {
        live();
        return store.find(key);
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        live();
        store.list(prefix, each);
    }

    @Override
    public void delete(String key) {
        change("the deletion of " + key, () -> store.delete(key));
    }
}
