package dev.muster.storage.testing;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectKey;
import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/**
 * A store in memory that keeps the contract of every store, for tests that open and damage one some 100,000 times. What
 * is in it can be changed behind the back of those who use it, as a bad disk does.
 */
public final class MemoryStore implements ObjectStore {
    private final String name;
    private final ConcurrentSkipListMap<String, Stored> objects = new ConcurrentSkipListMap<>();

    /** No record: two objects of equal bytes are not the same. */
    private static final class Stored {
        private final byte[] bytes;
        private final Instant created;

        Stored(byte[] bytes, Instant created) {
            this.bytes = bytes;
            this.created = created;
        }

        byte[] bytes() {
            return bytes;
        }

        Instant created() {
            return created;
        }
    }

    public MemoryStore(String name) {
        this.name = name;
    }

    /** The object's bytes themselves, to be damaged in place. */
    public byte[] bytes(String key) {
        return stored(key).bytes();
    }

    /** Puts other bytes where an object is, or puts one there. */
    public void replace(String key, byte[] bytes) {
        objects.put(ObjectKey.check(key), new Stored(bytes, Instant.now()));
    }

    /** All keys in order. */
    public List<String> keys() {
        return List.copyOf(objects.keySet());
    }

    /** Another store with the same objects, which share no bytes with these. */
    public MemoryStore copy(String copyName) {
        MemoryStore copy = new MemoryStore(copyName);
        objects.forEach(
                (key, stored) -> copy.objects.put(key, new Stored(stored.bytes().clone(), stored.created())));
        return copy;
    }

    @Override
    public String url() {
        return "memory://" + name;
    }

    @Override
    public ObjectWriter create(String key) {
        if (objects.containsKey(ObjectKey.check(key))) {
            throw new ObjectExistsException(url(), key);
        }
        return new Writer(key);
    }

    @Override
    public InputStream open(String key) {
        return new ByteArrayInputStream(stored(key).bytes());
    }

    @Override
    public InputStream open(String key, long offset, long length) {
        byte[] bytes = stored(key).bytes();
        if (offset + length > bytes.length) {
            throw new StoreException(
                    "OBJECT_TOO_SHORT",
                    "The object " + key + " has " + bytes.length + " bytes; " + (offset + length) + " are needed.",
                    "Verify the backup.");
        }
        return new ByteArrayInputStream(bytes, (int) offset, (int) length);
    }

    @Override
    public Optional<ObjectInfo> find(String key) {
        return Optional.ofNullable(objects.get(ObjectKey.check(key))).map(stored -> info(key, stored));
    }

    @Override
    public void list(String prefix, Consumer<ObjectInfo> each) {
        ObjectKey.checkPrefix(prefix);
        for (var object : objects.tailMap(prefix, true).entrySet()) {
            if (!object.getKey().startsWith(prefix)) {
                return;
            }
            each.accept(info(object.getKey(), object.getValue()));
        }
    }

    @Override
    public void delete(String key) {
        objects.remove(ObjectKey.check(key));
    }

    private Stored stored(String key) {
        Stored stored = objects.get(ObjectKey.check(key));
        if (stored == null) {
            throw new ObjectMissingException(url(), key);
        }
        return stored;
    }

    private static ObjectInfo info(String key, Stored stored) {
        return new ObjectInfo(key, stored.bytes().length, stored.created());
    }

    private final class Writer implements ObjectWriter {
        private final String key;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Writer(String key) {
            this.key = key;
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            bytes.write(from, offset, length);
        }

        @Override
        public void commit() {
            if (objects.putIfAbsent(key, new Stored(bytes.toByteArray(), Instant.now())) != null) {
                throw new ObjectExistsException(url(), key);
            }
        }

        @Override
        public void close() {
            bytes.reset();
        }
    }
}
