package dev.muster.storage.throttle;

import dev.muster.storage.ObjectLock;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectVersion;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.Retention;
import dev.muster.storage.StoreException;
import dev.muster.storage.StoreWrapper;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/** Lets content through at a rate, up and down; requests without content are not held back. */
public final class ThrottledStore extends StoreWrapper {
    private final Optional<Rate> upload;
    private final Optional<Rate> download;

    public ThrottledStore(ObjectStore store, Optional<Rate> upload, Optional<Rate> download) {
        super(store);
        this.upload = upload;
        this.download = download;
    }

    @Override
    public ObjectWriter create(String key) {
        return throttled(store.create(key));
    }

    @Override
    public ObjectWriter create(String key, Retention retention) {
        return throttled(store.create(key, retention));
    }

    private ObjectWriter throttled(ObjectWriter writer) {
        return upload.<ObjectWriter>map(rate -> new Writer(writer, rate)).orElse(writer);
    }

    @Override
    public InputStream open(String key) {
        return throttled(store.open(key));
    }

    @Override
    public InputStream open(String key, long offset, long length) {
        return throttled(store.open(key, offset, length));
    }

    private InputStream throttled(InputStream stream) {
        return download.<InputStream>map(rate -> new Reader(stream, rate)).orElse(stream);
    }

    @Override
    public Optional<ObjectLock> lock() {
        return store.lock().map(Lock::new);
    }

    private record Writer(ObjectWriter writer, Rate rate) implements ObjectWriter {
        @Override
        public void write(byte[] bytes, int offset, int length) {
            for (int done = 0; done < length; ) {
                int portion = Math.min(rate.portion(), length - done);
                rate.take(portion);
                writer.write(bytes, offset + done, portion);
                done += portion;
            }
        }

        @Override
        public void commit() {
            writer.commit();
        }

        @Override
        public void close() {
            writer.close();
        }
    }

    private static final class Reader extends FilterInputStream {
        private final Rate rate;

        Reader(InputStream stream, Rate rate) {
            super(stream);
            this.rate = rate;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, Math.min(length, rate.portion()));
            if (read > 0) {
                try {
                    rate.take(read);
                } catch (StoreException e) {
                    throw new IOException(e.getMessage(), e);
                }
            }
            return read;
        }

        @Override
        public long skip(long count) throws IOException {
            // Skipped bytes come over the network too.
            byte[] buffer = new byte[(int) Math.min(Math.max(count, 0), rate.portion())];
            return count <= 0 ? 0 : Math.max(0, read(buffer, 0, buffer.length));
        }
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
            lock.extend(key, until);
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
            lock.extend(version, until);
        }

        @Override
        public InputStream open(ObjectVersion version, long offset, long length) {
            return throttled(lock.open(version, offset, length));
        }

        @Override
        public InputStream open(ObjectVersion version) {
            return throttled(lock.open(version));
        }
    }
}
