package dev.muster.repository;

import java.io.IOException;

/** Takes the content of a file, from its beginning to its end. */
public interface RunSink {
    /** @param length of the stretch of zero bytes, in bytes */
    void zeros(long fileOffset, int length) throws IOException;

    /** @param bytes valid until this returns */
    void bytes(long fileOffset, byte[] bytes, int offset, int length) throws IOException;
}
