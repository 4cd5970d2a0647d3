package dev.muster.repository;

import dev.muster.repository.frames.ContentHash;
import dev.muster.repository.frames.Sha256;
import dev.muster.storage.ObjectWriter;
import java.security.MessageDigest;

/** Passes an object on to the store and takes its SHA-256 on the way. */
final class HashingWriter implements ObjectWriter {
    private final ObjectWriter target;
    private final MessageDigest digest = Sha256.instance();

    HashingWriter(ObjectWriter target) {
        this.target = target;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        digest.update(bytes, offset, length);
        target.write(bytes, offset, length);
    }

    @Override
    public void commit() {
        target.commit();
    }

    @Override
    public void close() {
        target.close();
    }

    /** Of all bytes written; once, at the end. */
    ContentHash hash() {
        return ContentHash.of(digest.digest());
    }
}
