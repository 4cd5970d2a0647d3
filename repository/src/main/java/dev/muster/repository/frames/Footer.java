package dev.muster.repository.frames;

import dev.muster.repository.encryption.Damage;
import java.nio.ByteBuffer;

/**
 * The last 32 bytes of a framed object's plaintext.
 *
 * @param frames how many
 * @param indexOffset where the index starts, which is how many bytes all frames take
 * @param rawSize of all frames, in bytes
 */
record Footer(int frames, long indexOffset, long rawSize) {
    /** In bytes. */
    static final int LENGTH = 32;

    private static final int MAGIC = 0x4D46524D; // "MFRM"
    private static final int VERSION = 1;

    byte[] toBytes() {
        return ByteBuffer.allocate(LENGTH)
                .putLong(indexOffset)
                .putLong(rawSize)
                .putInt(frames)
                .putInt(0)
                .putInt(VERSION)
                .putInt(MAGIC)
                .array();
    }

    /** @param plainSize of the whole object's plaintext */
    static Footer parse(String key, long plainSize, byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long indexOffset = buffer.getLong();
        long rawSize = buffer.getLong();
        int frames = buffer.getInt();
        int reserved = buffer.getInt();
        int version = buffer.getInt();
        int magic = buffer.getInt();
        boolean known = magic == MAGIC && version == VERSION && reserved == 0;
        boolean counted = frames >= 0
                && frames <= FramedWriter.MAX_FRAMES
                && indexOffset >= 0
                && indexOffset + (long) frames * Frame.INDEX_ENTRY + LENGTH == plainSize;
        if (!known || !counted) {
            throw Damage.of(key, "its footer does not fit its size");
        }
        return new Footer(frames, indexOffset, rawSize);
    }
}
