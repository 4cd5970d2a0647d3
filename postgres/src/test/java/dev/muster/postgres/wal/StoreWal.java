package dev.muster.postgres.wal;

import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** WAL objects straight in a local store, whose writes can be made to fail before or after they took place. */
final class StoreWal implements WalObjects {
    private final ObjectStore store;
    private final AtomicInteger failBefore = new AtomicInteger();
    private final AtomicInteger failAfter = new AtomicInteger();
    private volatile boolean down;

    StoreWal(ObjectStore store) {
        this.store = store;
    }

    /** The next write so many writes from now fails before it happens; 1 is the next one. */
    void failBefore(int writes) {
        failBefore.set(writes);
    }

    /** As {@link #failBefore}, but the object is there: only the answer is lost. */
    void failAfter(int writes) {
        failAfter.set(writes);
    }

    void down(boolean value) {
        down = value;
    }

    private static StoreException unreachable() {
        return new StoreException("STORE_UNREACHABLE", "The store is down", "A test took it down.");
    }

    @Override
    public String nameHash(byte[] digest) {
        return HexFormat.of().formatHex(Arrays.copyOf(digest, 8));
    }

    @Override
    public void write(String key, InputStream content) {
        if (down || (failBefore.get() > 0 && failBefore.decrementAndGet() == 0)) {
            throw unreachable();
        }
        store.create(key, content);
        if (failAfter.get() > 0 && failAfter.decrementAndGet() == 0) {
            throw unreachable();
        }
    }

    @Override
    public InputStream read(String key) {
        return store.open(key);
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        if (down) {
            throw unreachable();
        }
        store.list(prefix, each);
    }
}
