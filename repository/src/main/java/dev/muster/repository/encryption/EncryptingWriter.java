package dev.muster.repository.encryption;

import dev.muster.repository.encryption.SegmentCipher.ObjectSecret;
import dev.muster.storage.ObjectWriter;
import java.security.SecureRandom;

/**
 * Writes one encrypted object: what goes in is plaintext, what reaches the store is the envelope and ciphertext. It
 * holds one segment, whatever the size of the object. For one thread.
 */
public final class EncryptingWriter implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ObjectWriter target;
    private final SegmentCipher cipher;
    private final ObjectSecret secret;
    private final byte[] plain = new byte[SegmentCipher.SEGMENT - SegmentCipher.TAG];
    private final byte[] encrypted = new byte[SegmentCipher.SEGMENT];
    private int held;
    private int capacity = plain.length - SegmentCipher.HEADER;
    private long segment;
    private long plainSize;
    private long storedSize;

    EncryptingWriter(
            ObjectWriter target, SegmentCipher cipher, MasterKey master, Envelope envelope, byte[] associatedData) {
        this.target = target;
        this.cipher = cipher;
        byte[] header = new byte[SegmentCipher.HEADER];
        RANDOM.nextBytes(header);
        header[0] = SegmentCipher.HEADER;
        this.secret = ObjectCipher.derive(master, associatedData, header);
        store(envelope.toBytes(), Envelope.LENGTH);
        store(header, header.length);
    }

    public void write(byte[] bytes, int offset, int length) {
        int from = offset;
        int left = length;
        plainSize += length;
        while (left > 0) {
            // A full segment is held until more comes, because only the last one carries the last flag.
            if (held == capacity) {
                flush(plain, 0, false);
            }
            if (held == 0 && left > capacity) {
                int taken = capacity;
                held = taken;
                flush(bytes, from, false);
                from += taken;
                left -= taken;
                continue;
            }
            int taken = Math.min(left, capacity - held);
            System.arraycopy(bytes, from, plain, held, taken);
            held += taken;
            from += taken;
            left -= taken;
        }
    }

    /** Bytes of plaintext written until now. */
    public long plainSize() {
        return plainSize;
    }

    /**
     * Makes the object visible and durable.
     *
     * @return the size of the object in the store, in bytes
     */
    public long commit() {
        flush(plain, 0, true);
        target.commit();
        return storedSize;
    }

    /** Without a commit before: gives the object up. */
    @Override
    public void close() {
        target.close();
    }

    private void flush(byte[] from, int offset, boolean last) {
        int length = cipher.encrypt(secret, segment, last, from, offset, held, encrypted, 0);
        store(encrypted, length);
        segment++;
        held = 0;
        capacity = plain.length;
    }

    private void store(byte[] bytes, int length) {
        target.write(bytes, 0, length);
        storedSize += length;
    }
}
