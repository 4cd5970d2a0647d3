package dev.muster.repository.frames;

import java.nio.ByteBuffer;

/**
 * A piece of content in a framed object.
 *
 * @param offset of its stored bytes in the object's plaintext
 * @param storedLength in bytes, 1 to {@link #MAX_RAW}
 * @param rawLength in bytes, 1 to {@link #MAX_RAW}
 * @param hash of the raw bytes
 */
public record Frame(long offset, int storedLength, Codec codec, int rawLength, ContentHash hash) {
    /** 128 KiB: where zstd has most of its gain and an incremental's reader wastes little. */
    public static final int MAX_RAW = 128 << 10;

    /** Of an entry in the index, in bytes. */
    static final int INDEX_ENTRY = 41;

    public Frame {
        boolean sane = offset >= 0 && storedLength >= 1 && rawLength >= 1 && rawLength <= MAX_RAW;
        // Only a frame that zstd shrinks is kept compressed, so that nobody needs more room than the raw bytes take.
        boolean fits = codec == Codec.STORED ? storedLength == rawLength : storedLength < rawLength;
        if (!sane || !fits) {
            throw new IllegalArgumentException("a frame of " + storedLength + " stored and " + rawLength
                    + " raw bytes at " + offset + " cannot be (" + codec + ")");
        }
    }

    /** Where its stored bytes end in the object's plaintext. */
    public long end() {
        return offset + storedLength;
    }

    void writeIndexEntry(ByteBuffer buffer) {
        buffer.putInt(storedLength).putInt(rawLength).put((byte) codec.code());
        hash.write(buffer);
    }

    /** @throws IllegalArgumentException if no frame can be so */
    static Frame readIndexEntry(long offset, ByteBuffer buffer) {
        int storedLength = buffer.getInt();
        int rawLength = buffer.getInt();
        return new Frame(offset, storedLength, Codec.of(buffer.get() & 0xFF), rawLength, ContentHash.read(buffer));
    }
}
