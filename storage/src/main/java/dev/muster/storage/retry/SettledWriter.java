package dev.muster.storage.retry;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Looks an object up whose commit ended without a clear answer. What was stored is recognised by its length and
 * checksum; a writer who stored the very same bytes under the same name is taken for this one.
 */
final class SettledWriter implements ObjectWriter {
    private final ObjectStore store;
    private final String key;
    private final ObjectWriter writer;
    private final CRC32C checksum = new CRC32C();
    private long length;

    SettledWriter(ObjectStore store, String key, ObjectWriter writer) {
        this.store = store;
        this.key = key;
        this.writer = writer;
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
        writer.write(bytes, offset, count);
        checksum.update(bytes, offset, count);
        length += count;
    }

    @Override
    public void commit() {
        try {
            writer.commit();
        } catch (StoreException e) {
            if (!Retries.transitory(e) || Thread.currentThread().isInterrupted() || !stored(e)) {
                throw e;
            }
        }
    }

    /** Whether this object is there; an exception if another one is, or if that cannot be told. */
    private boolean stored(StoreException failure) {
        try {
            Optional<ObjectInfo> found = store.find(key);
            if (found.isEmpty()) {
                return false;
            }
            if (found.get().size() == length && checksumOfStored() == checksum.getValue()) {
                return true;
            }
        } catch (IOException | StoreException e) {
            failure.addSuppressed(e);
            throw failure;
        }
        throw new ObjectExistsException(store.url(), key);
    }

    private long checksumOfStored() throws IOException {
        CRC32C found = new CRC32C();
        try (InputStream content = store.open(key)) {
            byte[] buffer = new byte[64 << 10];
            for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
                found.update(buffer, 0, read);
            }
        }
        return found.getValue();
    }

    @Override
    public void close() {
        writer.close();
    }
}
