package dev.muster.repository.frames;

import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.EncryptingWriter;
import java.nio.ByteBuffer;

/**
 * Writes one framed object: frames back to back, an index of them, a footer. For one thread.
 */
public final class FramedWriter implements AutoCloseable {
    /** Bounds the index: 2.6 MiB for 8 GiB of raw bytes. */
    static final int MAX_FRAMES = 1 << 16;

    private final String key;
    private final EncryptingWriter target;
    private final FrameEncoder encoder;
    private ByteBuffer index = ByteBuffer.allocate(64 * Frame.INDEX_ENTRY);
    private int frames;
    private long rawSize;

    /** @param encoder of the calling thread; reused by it for its next object */
    public FramedWriter(String key, EncryptingWriter target, FrameEncoder encoder) {
        this.key = key;
        this.target = target;
        this.encoder = encoder;
    }

    /** @param length 1 to {@link Frame#MAX_RAW} */
    public Frame frame(byte[] raw, int offset, int length) {
        if (frames == MAX_FRAMES) {
            throw new RepositoryException(
                    "OBJECT_TOO_LARGE",
                    "The object " + key + " would hold more than " + MAX_FRAMES + " frames (" + rawSize + " bytes).",
                    "Nothing of it was stored. Store its content as several objects.");
        }
        Frame frame = encoder.encode(target.plainSize(), raw, offset, length);
        target.write(encoder.bytes(), encoder.from(), frame.storedLength());
        if (index.remaining() < Frame.INDEX_ENTRY) {
            index = ByteBuffer.allocate(index.capacity() * 2).put(index.flip());
        }
        frame.writeIndexEntry(index);
        frames++;
        rawSize += length;
        return frame;
    }

    public int frames() {
        return frames;
    }

    public long rawSize() {
        return rawSize;
    }

    public long plainSize() {
        return target.plainSize();
    }

    /** @return the size of the object in the store, in bytes */
    public long commit() {
        byte[] footer = new Footer(frames, target.plainSize(), rawSize).toBytes();
        target.write(index.array(), 0, index.position());
        target.write(footer, 0, footer.length);
        return target.commit();
    }

    @Override
    public void close() {
        target.close();
    }
}
