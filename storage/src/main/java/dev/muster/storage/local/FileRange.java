package dev.muster.storage.local;

import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The next so many bytes of a file; an early end of the file is an error, never a short answer. */
final class FileRange extends InputStream {
    private final FileInputStream file;
    private long remaining;

    FileRange(FileInputStream file, long length) {
        this.file = file;
        this.remaining = length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (remaining == 0) {
            return -1;
        }
        int read = file.read(bytes, offset, (int) Math.min(length, remaining));
        if (read < 0) {
            throw new EOFException("The file ended " + remaining + " bytes early");
        }
        remaining -= read;
        return read;
    }

    @Override
    public int available() throws IOException {
        return (int) Math.min(remaining, file.available());
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
