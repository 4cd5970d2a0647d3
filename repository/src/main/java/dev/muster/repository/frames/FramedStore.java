package dev.muster.repository.frames;

import dev.muster.repository.encryption.EncryptedStore;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.encryption.SegmentCipher;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/** Framed objects of one repository. Keeps encoders and decoders for the next use. Thread-safe. */
public final class FramedStore implements AutoCloseable {
    private final EncryptedStore objects;
    private final int level;
    private final ConcurrentLinkedQueue<Encoding> encodings = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<FrameDecoder> decoders = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    private record Encoding(FrameEncoder encoder, SegmentCipher cipher) {}

    /** @param level of zstd for whole objects written here, 1 to 19 */
    public FramedStore(EncryptedStore objects, int level) {
        this.objects = objects;
        this.level = level;
    }

    /** For one thread, which closes encoder and writer. */
    public FramedWriter create(ObjectType type, String key, FrameEncoder encoder, SegmentCipher cipher) {
        return new FramedWriter(key, objects.create(key, type, cipher), encoder);
    }

    /**
     * Stores content as one framed object, durable on return.
     *
     * @return how many bytes of content there were
     * @throws dev.muster.storage.ObjectExistsException if the key is taken
     * @throws IOException if the content cannot be read; nothing is stored then
     */
    public long write(ObjectType type, String key, InputStream content) throws IOException {
        Encoding pooled = encodings.poll();
        Encoding encoding = pooled == null ? new Encoding(new FrameEncoder(level), new SegmentCipher()) : pooled;
        try (FramedWriter writer = create(type, key, encoding.encoder(), encoding.cipher())) {
            byte[] raw = new byte[Frame.MAX_RAW];
            for (int read = content.readNBytes(raw, 0, raw.length);
                    read > 0;
                    read = content.readNBytes(raw, 0, raw.length)) {
                writer.frame(raw, 0, read);
            }
            writer.commit();
            return writer.rawSize();
        } finally {
            if (closed) {
                encoding.encoder().close();
            } else {
                encodings.add(encoding);
            }
        }
    }

    /** @throws dev.muster.storage.ObjectMissingException if there is none */
    public FramedObject open(ObjectType type, String key) {
        return FramedObject.open(objects.open(key, type));
    }

    /** The raw bytes of a whole object, each frame checked before any of it is given out. */
    public InputStream stream(ObjectType type, String key) {
        return new FramedStream(this, open(type, key));
    }

    /** Lends a decoder for the time of the call. */
    public <T> T decoding(Function<FrameDecoder, T> use) {
        FrameDecoder pooled = decoders.poll();
        FrameDecoder decoder = pooled == null ? new FrameDecoder() : pooled;
        try {
            return use.apply(decoder);
        } finally {
            if (closed) {
                decoder.close();
            } else {
                decoders.add(decoder);
            }
        }
    }

    /** Frees what zstd holds outside of the heap. Calls under way end well; what they hold is freed when they end. */
    @Override
    public void close() {
        closed = true;
        for (Encoding encoding = encodings.poll(); encoding != null; encoding = encodings.poll()) {
            encoding.encoder().close();
        }
        for (FrameDecoder decoder = decoders.poll(); decoder != null; decoder = decoders.poll()) {
            decoder.close();
        }
    }
}
