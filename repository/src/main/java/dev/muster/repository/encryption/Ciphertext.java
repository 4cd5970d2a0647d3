package dev.muster.repository.encryption;

import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The stored bytes of one object, by range; a small object is fetched once and kept. */
final class Ciphertext {
    /** In bytes. Four requests for a small WAL part would cost more than its bytes. */
    private static final int SMALL = 256 << 10;

    private final ObjectStore store;
    private final String key;
    private final long size;
    private final byte[] whole;

    private Ciphertext(ObjectStore store, String key, long size, byte[] whole) {
        this.store = store;
        this.key = key;
        this.size = size;
        this.whole = whole;
    }

    static Ciphertext of(ObjectStore store, ObjectInfo info) {
        Ciphertext ranges = new Ciphertext(store, info.key(), info.size(), new byte[0]);
        if (info.size() > SMALL) {
            return ranges;
        }
        byte[] whole = new byte[(int) info.size()];
        ranges.read(0, whole, 0, whole.length);
        return new Ciphertext(store, info.key(), info.size(), whole);
    }

    long heldBytes() {
        return whole.length;
    }

    long size() {
        return size;
    }

    void read(long position, byte[] out, int offset, int length) {
        if (whole.length > 0) {
            System.arraycopy(whole, (int) position, out, offset, length);
            return;
        }
        read(store, key, position, out, offset, length);
    }

    static void read(ObjectStore store, String key, long position, byte[] out, int offset, int length) {
        try (InputStream stream = store.open(key, position, length)) {
            int read = stream.readNBytes(out, offset, length);
            if (read != length) {
                throw Damage.of(key, "it ended " + (length - read) + " bytes early");
            }
        } catch (IOException e) {
            throw unreachable(store, key, e);
        }
    }

    /** All bytes from a position to the end, in order. */
    Stream from(long position) {
        return new Stream(
                whole.length > 0
                        ? new ByteArrayInputStream(whole, (int) position, (int) (size - position))
                        : store.open(key, position, size - position));
    }

    /** Gives what was asked for, or fails. */
    final class Stream implements AutoCloseable {
        private final InputStream bytes;

        private Stream(InputStream bytes) {
            this.bytes = bytes;
        }

        void read(byte[] out, int length) {
            try {
                int read = bytes.readNBytes(out, 0, length);
                if (read != length) {
                    throw Damage.of(key, "it ended " + (length - read) + " bytes early");
                }
            } catch (IOException e) {
                throw unreachable(store, key, e);
            }
        }

        @Override
        public void close() {
            try {
                bytes.close();
            } catch (IOException e) {
                throw unreachable(store, key, e);
            }
        }
    }

    private static StoreException unreachable(ObjectStore store, String key, IOException e) {
        return new StoreException(
                "STORE_UNREACHABLE",
                "Reading the object " + key + " from " + store.url() + " failed: " + e.getMessage(),
                "Check the store and the way to it; the read may be tried again.",
                e);
    }
}
