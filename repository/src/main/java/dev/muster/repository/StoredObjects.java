package dev.muster.repository;

import dev.muster.repository.encryption.Damage;
import dev.muster.repository.encryption.EncryptedObject;
import dev.muster.repository.encryption.EncryptedStore;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.frames.Frame;
import dev.muster.repository.frames.FrameDecoder;
import dev.muster.repository.frames.FramedObject;
import dev.muster.repository.frames.FramedStore;
import dev.muster.storage.ObjectWriter;
import java.util.function.BiConsumer;

/** A repository's objects one by one, whatever they are for. Thread-safe. */
public final class StoredObjects {
    private final EncryptedStore objects;
    private final FramedStore framed;

    StoredObjects(EncryptedStore objects, FramedStore framed) {
        this.objects = objects;
        this.framed = framed;
    }

    /** A framed object with its index. */
    public FramedObject framed(ObjectType type, String key) {
        return framed.open(type, key);
    }

    /**
     * Reads and checks all of a framed object.
     *
     * @param each is given each frame and an array that begins with its raw bytes, in order
     */
    public void readAll(FramedObject object, BiConsumer<Frame, byte[]> each) {
        try (FrameDecoder decoder = new FrameDecoder()) {
            byte[] raw = new byte[Frame.MAX_RAW];
            object.readAll(decoder, raw, frame -> each.accept(frame, raw));
        }
    }

    /** Checks the tags of all of an object's bytes. */
    public void authenticate(ObjectType type, String key) {
        objects.open(key, type).copyStored(new Nowhere());
    }

    /**
     * Passes an object's stored bytes on as they are, nothing that fails its tag.
     *
     * @param size that it must have
     * @return how many bytes
     * @throws RepositoryException OBJECT_DAMAGED; the target must then be given up
     */
    public long copy(ObjectType type, String key, long size, ObjectWriter target) {
        EncryptedObject object = objects.open(key, type);
        long copied = object.copyStored(target);
        if (copied != size) {
            throw Damage.of(key, "it has " + copied + " bytes; a moment ago the store said " + size);
        }
        return copied;
    }

    /** Takes bytes that are only looked at. */
    private static final class Nowhere implements ObjectWriter {
        @Override
        public void write(byte[] bytes, int offset, int length) {
            // Not needed: what counts is that they came out of the check.
        }

        @Override
        public void commit() {
            throw new IllegalStateException("Nothing is stored here");
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
