package dev.muster.storage.testing;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectKey;
import dev.muster.storage.ObjectLock;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectVersion;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.Retention;
import dev.muster.storage.StoreException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A store in memory that keeps versions and locks them as S3 does: who deletes an object only hides it, whether it is
 * locked or not.
 */
public final class LockingStore implements ObjectStore, ObjectLock {
    /** One of a key's. */
    private static final class Version {
        private final String id;
        private final byte @Nullable [] bytes;
        private final Instant created;
        private @Nullable Instant until;

        Version(String id, byte @Nullable [] bytes, Instant created, @Nullable Instant until) {
            this.id = id;
            this.bytes = bytes;
            this.created = created;
            this.until = until;
        }
    }

    private final TreeMap<String, List<Version>> objects = new TreeMap<>();
    private Duration time;
    private final Clock clock;
    private Duration skew = Duration.ZERO;
    private boolean extensible = true;
    private int number;

    /**
     * @param time for which new objects are locked
     * @param clock the store's
     */
    public LockingStore(Duration time, Clock clock) {
        this.time = time;
        this.clock = clock;
    }

    /** From now on new objects are locked for so long. */
    public synchronized void lockFor(Duration other) {
        time = other;
    }

    /** What a store does with who does not ask it to refuse what exists: a newer version, under no lock. */
    public synchronized void writeOver(String key, byte[] bytes) {
        add(key, bytes, null);
    }

    /** From now on nobody may extend a lock. */
    public synchronized void denyExtending() {
        extensible = false;
    }

    @Override
    public String url() {
        return "memory://locking";
    }

    @Override
    public Optional<ObjectLock> lock() {
        return Optional.of(this);
    }

    /** From now on this machine's clock is behind the store's by so much. */
    public synchronized void skewed(Duration ahead) {
        skew = ahead;
    }

    @Override
    public synchronized Duration skew() {
        return skew;
    }

    @Override
    public synchronized Duration time() {
        return time;
    }

    @Override
    public ObjectWriter create(String key) {
        return create(key, Retention.of(time()));
    }

    @Override
    public synchronized ObjectWriter create(String key, Retention retention) {
        if (newest(ObjectKey.check(key)).isPresent()) {
            throw new ObjectExistsException(url(), key);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        return new ObjectWriter() {
            @Override
            public void write(byte[] from, int offset, int length) {
                bytes.write(from, offset, length);
            }

            @Override
            public void commit() {
                put(key, bytes.toByteArray(), retention);
            }

            @Override
            public void close() {
                bytes.reset();
            }
        };
    }

    private synchronized void put(String key, byte[] bytes, Retention retention) {
        if (newest(key).isPresent()) {
            throw new ObjectExistsException(url(), key);
        }
        Instant now = clock.instant();
        add(key, bytes, retention.time().map(now::plus).orElse(null));
    }

    private void add(String key, byte @Nullable [] bytes, @Nullable Instant until) {
        objects.computeIfAbsent(key, any -> new ArrayList<>())
                .add(0, new Version("v" + number++, bytes, clock.instant(), until));
    }

    private Optional<Version> newest(String key) {
        return Optional.ofNullable(objects.get(ObjectKey.check(key)))
                .map(versions -> versions.get(0))
                .filter(version -> version.bytes != null);
    }

    private Version required(String key) {
        return newest(key).orElseThrow(() -> new ObjectMissingException(url(), key));
    }

    private Version required(ObjectVersion wanted) {
        return objects.getOrDefault(wanted.key(), List.of()).stream()
                .filter(version -> version.id.equals(wanted.version()) && version.bytes != null)
                .findFirst()
                .orElseThrow(() -> new ObjectMissingException(url(), wanted.key()));
    }

    private static byte[] bytes(Version version) {
        return Objects.requireNonNull(version.bytes);
    }

    @Override
    public synchronized InputStream open(String key) {
        return new ByteArrayInputStream(bytes(required(key)));
    }

    @Override
    public synchronized InputStream open(String key, long offset, long length) {
        return range(key, bytes(required(key)), offset, length);
    }

    @Override
    public synchronized InputStream open(ObjectVersion version) {
        return new ByteArrayInputStream(bytes(required(version)));
    }

    @Override
    public synchronized InputStream open(ObjectVersion version, long offset, long length) {
        return range(version.key(), bytes(required(version)), offset, length);
    }

    private static InputStream range(String key, byte[] bytes, long offset, long length) {
        if (offset + length > bytes.length) {
            throw new StoreException("OBJECT_TOO_SHORT", "The object " + key + " is too short.", "Verify the backup.");
        }
        return new ByteArrayInputStream(bytes, (int) offset, (int) length);
    }

    @Override
    public synchronized Optional<ObjectInfo> find(String key) {
        return newest(key).map(version -> new ObjectInfo(key, bytes(version).length, version.created));
    }

    @Override
    public synchronized void list(String prefix, Consumer<ObjectInfo> each) {
        for (String key : List.copyOf(objects.tailMap(prefix, true).keySet())) {
            if (key.startsWith(prefix)) {
                find(key).ifPresent(each);
            }
        }
    }

    @Override
    public synchronized void delete(String key) {
        if (newest(key).isPresent()) {
            add(key, null, null);
        }
    }

    @Override
    public synchronized Optional<Instant> lockedUntil(String key) {
        return Optional.ofNullable(required(key).until);
    }

    @Override
    public synchronized Optional<Instant> lockedUntil(ObjectVersion version) {
        return Optional.ofNullable(required(version).until);
    }

    @Override
    public synchronized void extend(String key, Instant until) {
        extend(required(key), key, until);
    }

    @Override
    public synchronized void extend(ObjectVersion version, Instant until) {
        extend(required(version), version.key(), until);
    }

    private void extend(Version version, String key, Instant until) {
        Instant now = version.until;
        if (now != null && !now.isBefore(until)) {
            return;
        }
        if (!extensible) {
            throw new StoreException(
                    "STORE_DENIED", "The lock of " + key + " may not be extended.", "Allow s3:PutObjectRetention.");
        }
        version.until = until;
    }

    @Override
    public synchronized void versions(String prefix, Consumer<ObjectVersion> each) {
        for (String key : List.copyOf(objects.tailMap(prefix, true).keySet())) {
            if (!key.startsWith(prefix)) {
                return;
            }
            boolean latest = true;
            for (Version version : List.copyOf(objects.getOrDefault(key, List.of()))) {
                byte[] bytes = version.bytes;
                each.accept(new ObjectVersion(
                        key,
                        version.id,
                        bytes == null,
                        latest,
                        bytes == null ? 0 : bytes.length,
                        version.created,
                        bytes == null ? "" : Integer.toHexString(Arrays.hashCode(bytes))));
                latest = false;
            }
        }
    }
}
