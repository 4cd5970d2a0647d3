package dev.muster.repository.frames;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** A SHA-256, kept as four numbers because a backup holds millions of them. */
public record ContentHash(long first, long second, long third, long fourth) {
    /** In bytes. */
    public static final int LENGTH = 32;

    /** @throws IllegalArgumentException if there are not exactly 32 bytes */
    public static ContentHash of(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("A SHA-256 has " + LENGTH + " bytes, not " + bytes.length);
        }
        return read(ByteBuffer.wrap(bytes));
    }

    /** @throws IllegalArgumentException if it is not 64 hexadecimal digits */
    public static ContentHash parse(String hex) {
        return of(HexFormat.of().parseHex(hex));
    }

    public static ContentHash read(ByteBuffer buffer) {
        return new ContentHash(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
    }

    public void write(ByteBuffer buffer) {
        buffer.putLong(first).putLong(second).putLong(third).putLong(fourth);
    }

    /** 64 lower-case hexadecimal digits. */
    @Override
    public String toString() {
        ByteBuffer buffer = ByteBuffer.allocate(LENGTH);
        write(buffer);
        return HexFormat.of().formatHex(buffer.array());
    }
}
