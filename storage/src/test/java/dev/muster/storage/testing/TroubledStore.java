package dev.muster.storage.testing;

import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A real store behind a disk that has bad sectors under some objects, or is full, as a test says. */
public final class TroubledStore implements ObjectStore {
    private final ObjectStore store;
    private volatile Predicate<String> unreadable = key -> false;
    private volatile Predicate<String> full = key -> false;
    private volatile Consumer<String> afterListing = prefix -> {};
    private final AtomicInteger openWriters = new AtomicInteger();

    public TroubledStore(ObjectStore store) {
        this.store = store;
    }

    /** From now on these objects cannot be read. */
    public void makeUnreadable(Predicate<String> keys) {
        unreadable = keys;
    }

    /** From now on no byte of these objects finds room. */
    public void makeFull(Predicate<String> keys) {
        full = keys;
    }

    /** What others do to the store just after each listing. */
    public void afterListing(Consumer<String> action) {
        afterListing = action;
    }

    /** How many writers were neither committed nor closed. */
    public int openWriters() {
        return openWriters.get();
    }

    @Override
    public String url() {
        return store.url();
    }

    @Override
    public ObjectWriter create(String key) {
        ObjectWriter writer = store.create(key);
        openWriters.incrementAndGet();
        return new Writer(key, writer);
    }

    @Override
    public InputStream open(String key) {
        requireReadable(key);
        return store.open(key);
    }

    @Override
    public InputStream open(String key, long offset, long length) {
        requireReadable(key);
        return store.open(key, offset, length);
    }

    @Override
    public Optional<ObjectInfo> find(String key) {
        return store.find(key);
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        store.list(prefix, each);
        afterListing.accept(prefix);
    }

    @Override
    public void delete(String key) {
        store.delete(key);
    }

    private void requireReadable(String key) {
        if (unreadable.test(key)) {
            throw new StoreException("STORE_UNREACHABLE", "Cannot read " + key + ": Input/output error", "The disk.");
        }
    }

    private final class Writer implements ObjectWriter {
        private final String key;
        private final ObjectWriter writer;
        private boolean ended;

        Writer(String key, ObjectWriter writer) {
            this.key = key;
            this.writer = writer;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            requireRoom();
            writer.write(bytes, offset, length);
        }

        /** File systems that assign blocks late say only here that there are none. */
        @Override
        public void commit() {
            requireRoom();
            writer.commit();
            end();
        }

        @Override
        public void close() {
            writer.close();
            end();
        }

        private void requireRoom() {
            if (full.test(key)) {
                throw new StoreException("STORE_FULL", "No space left on device for " + key, "Free space.");
            }
        }

        private void end() {
            if (!ended) {
                ended = true;
                openWriters.decrementAndGet();
            }
        }
    }
}
