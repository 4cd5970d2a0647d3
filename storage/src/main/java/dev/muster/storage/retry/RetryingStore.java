package dev.muster.storage.retry;

import dev.muster.storage.ObjectInfo;
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

/**
 * Repeats what is safe to repeat: looking, listing, reading (which goes on where it was cut), deleting, beginning an
 * object. Content that was handed over is gone and is not repeated; a commit whose outcome is unknown is looked up.
 */
public final class RetryingStore extends StoreWrapper {
    private final Retries retries;

    public RetryingStore(ObjectStore store, Retries retries) {
        super(store);
        this.retries = retries;
    }

    @Override
    public ObjectWriter create(String key) {
        return new SettledWriter(this, key, retries.call(() -> store.create(key)));
    }

    @Override
    public ObjectWriter create(String key, Retention retention) {
        return new SettledWriter(this, key, retries.call(() -> store.create(key, retention)));
    }

    @Override
    public InputStream open(String key) {
        return new ContinuedStream(this, retries, key, 0, -1, retries.call(() -> store.open(key)));
    }

    @Override
    public InputStream open(String key, long offset, long length) {
        return new ContinuedStream(
                this, retries, key, offset, length, retries.call(() -> store.open(key, offset, length)));
    }

    /** Without going on after a cut: for the one that goes on. */
    InputStream openOnce(String key, long offset, long length) {
        return store.open(key, offset, length);
    }

    @Override
    public Optional<ObjectInfo> find(String key) {
        return retries.call(() -> store.find(key));
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        Progress progress = new Progress(each);
        for (int tries = 1; ; tries++) {
            String before = progress.last;
            try {
                store.list(prefix, progress);
                retries.succeeded();
                return;
            } catch (Told e) {
                throw e.cause;
            } catch (StoreException e) {
                tries = progress.last.equals(before) ? tries : 1;
                if (!retries.again(tries, e)) {
                    throw e;
                }
            }
        }
    }

    /** Tells of each object once: the order of keys is promised, so what was told of before is passed over. */
    private static final class Progress implements Consumer<ObjectInfo> {
        private final Consumer<ObjectInfo> each;
        private String last = "";

        Progress(Consumer<ObjectInfo> each) {
            this.each = each;
        }

        @Override
        public void accept(ObjectInfo info) {
            if (info.key().compareTo(last) > 0) {
                tell(each, info);
                last = info.key();
            }
        }
    }

    /** Trouble of the one who is told is his, whatever it looks like. */
    private static void tell(Consumer<ObjectInfo> each, ObjectInfo info) {
        try {
            each.accept(info);
        } catch (RuntimeException e) {
            throw new Told(e);
        }
    }

    private static final class Told extends RuntimeException {
        private final RuntimeException cause;

        Told(RuntimeException cause) {
            super(null, cause, false, false);
            this.cause = cause;
        }
    }

    @Override
    public void delete(String key) {
        retries.call(() -> {
            store.delete(key);
            return key;
        });
    }

    @Override
    public Optional<ObjectLock> lock() {
        return store.lock().map(Lock::new);
    }

    private final class Lock implements ObjectLock {
        private final ObjectLock lock;

        Lock(ObjectLock lock) {
            this.lock = lock;
        }

        @Override
        public Optional<Instant> lockedUntil(String key) {
            return retries.call(() -> lock.lockedUntil(key));
        }

        @Override
        public void extend(String key, Instant until) {
            retries.call(() -> {
                lock.extend(key, until);
                return key;
            });
        }

        @Override
        public void versions(String prefix, Consumer<ObjectVersion> each) {
            // Drivers repeat pages themselves: there is no order among versions that a repetition could go by.
            lock.versions(prefix, each);
        }

        @Override
        public Duration skew() {
            return retries.call(lock::skew);
        }

        @Override
        public Duration time() {
            return lock.time();
        }

        @Override
        public Optional<Instant> lockedUntil(ObjectVersion version) {
            return retries.call(() -> lock.lockedUntil(version));
        }

        @Override
        public void extend(ObjectVersion version, Instant until) {
            retries.call(() -> {
                lock.extend(version, until);
                return version;
            });
        }

        @Override
        public InputStream open(ObjectVersion version, long offset, long length) {
            return retries.call(() -> lock.open(version, offset, length));
        }

        @Override
        public InputStream open(ObjectVersion version) {
            return retries.call(() -> lock.open(version));
        }
    }
}
