package dev.muster.storage.gcs;

import dev.muster.storage.StoreException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32C;

/** A whole object's bytes; the last of them are handed out only if all of them have the checksum that the store keeps. */
final class Crc32cInput extends FilterInputStream {
    private final CRC32C checksum = new CRC32C();
    private final String name;
    private final String expected;
    private long remaining;

    Crc32cInput(InputStream in, String name, long length, String expected) throws IOException {
        super(in);
        this.name = name;
        this.remaining = length;
        this.expected = expected;
        requireSameAtEnd();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int read = super.read(bytes, offset, length);
        if (read > 0) {
            checksum.update(bytes, offset, read);
            remaining -= read;
            requireSameAtEnd();
        }
        return read;
    }

    /** Skipped bytes count, too. */
    @Override
    public long skip(long count) throws IOException {
        byte[] buffer = new byte[(int) Math.min(Math.max(count, 1), 64 << 10)];
        long skipped = 0;
        while (skipped < count) {
            int read = read(buffer, 0, (int) Math.min(buffer.length, count - skipped));
            if (read < 0) {
                break;
            }
            skipped += read;
        }
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void requireSameAtEnd() throws IOException {
        if (remaining == 0 && !GcsChecksum.text(checksum).equals(expected)) {
            StoreException damaged = new StoreException(
                    "OBJECT_DAMAGED",
                    "The bytes of " + name + " have the CRC32C " + GcsChecksum.text(checksum) + ", and the store keeps "
                            + expected + ".",
                    "Read it again. If it happens again, look for a proxy on the way, and for bad memory.");
            // Its cause tells whoever goes on after a cut that this is none: the rest alone has no checksum.
            throw new IOException(damaged.getMessage(), damaged);
        }
    }
}
