package dev.muster.storage.readonly;

import dev.muster.storage.ObjectKey;
import dev.muster.storage.ObjectLock;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectVersion;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.Retention;
import dev.muster.storage.StoreException;
import dev.muster.storage.StoreWrapper;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** Refuses every change with STORE_READ_ONLY. */
public final class ReadOnlyStore extends StoreWrapper {
    public ReadOnlyStore(ObjectStore store) {
        super(store);
    }

    @Override
    public ObjectWriter create(String key) {
        throw refused("create " + ObjectKey.check(key));
    }

    @Override
    public ObjectWriter create(String key, Retention retention) {
        return create(key);
    }

    @Override
    public void delete(String key) {
        throw refused("delete " + ObjectKey.check(key));
    }

    @Override
    public Optional<ObjectLock> lock() {
        return store.lock().map(Lock::new);
    }

    private StoreException refused(String what) {
        return new StoreException(
                "STORE_READ_ONLY",
                "The store " + url() + " was opened only to read from: cannot " + what + ".",
                "Leave read-only=true out of the store's URL if it is to be changed.");
    }

    private final class Lock implements ObjectLock {
        private final ObjectLock lock;

        Lock(ObjectLock lock) {
            this.lock = lock;
        }

        @Override
        public Optional<Instant> lockedUntil(String key) {
            return lock.lockedUntil(key);
        }

        @Override
        public void extend(String key, Instant until) {
            throw refused("lock " + ObjectKey.check(key));
        }

        @Override
        public void versions(String prefix, Consumer<ObjectVersion> each) {
            lock.versions(prefix, each);
        }

        @Override
        public Duration skew() {
            return lock.skew();
        }

        @Override
        public Duration time() {
            return lock.time();
        }

        @Override
        public Optional<Instant> lockedUntil(ObjectVersion version) {
            return lock.lockedUntil(version);
        }

        @Override
        public void extend(ObjectVersion version, Instant until) {
            throw refused("lock " + version.key());
        }

        @Override
        public InputStream open(ObjectVersion version, long offset, long length) {
            return lock.open(version, offset, length);
        }

        @Override
        public InputStream open(ObjectVersion version) {
            return lock.open(version);
        }
    }
}
