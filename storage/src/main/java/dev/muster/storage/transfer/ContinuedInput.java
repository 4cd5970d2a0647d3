package dev.muster.storage.transfer;

import dev.muster.storage.StoreException;
import dev.muster.storage.retry.Retries;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * Bytes of an object that arrive over a network: when the connection is cut, the rest is asked for from where it was cut.
 * It ends after exactly the bytes that were promised, or throws.
 */
public final class ContinuedInput extends InputStream {
    private final String name;
    private final Source source;
    private final Retries retries;
    private InputStream arriving;
    private long position;
    private long remaining;
    private int failed;
    private boolean closed;

    /** Asks for the same object again, not for another one that has its name by now. */
    public interface Source {
        /** @throws StoreException if the store refuses */
        InputStream open(long from, long length) throws IOException;
    }

    /**
     * @param name of the object, for messages
     * @param arriving its bytes from {@code from}
     */
    public ContinuedInput(String name, InputStream arriving, long from, long length, Source source, Retries retries) {
        this.retries = retries;
        this.name = name;
        this.arriving = arriving;
        this.position = from;
        this.remaining = length;
        this.source = source;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (closed) {
            throw new IOException("The stream of " + name + " is closed");
        }
        if (length == 0) {
            return 0;
        }
        while (remaining > 0) {
            try {
                int read = arriving.read(bytes, offset, (int) Math.min(length, remaining));
                if (read < 0) {
                    throw new EOFException("the connection ended " + remaining + " bytes before the end of " + name);
                }
                if (read > 0) {
                    position += read;
                    remaining -= read;
                    failed = 0;
                    return read;
                }
            } catch (IOException | StoreException e) {
                continueAfter(e);
            }
        }
        return -1;
    }

    /** Leaves an open stream at the position behind, or throws. */
    private void continueAfter(Exception cut) throws IOException {
        giveUpConnection();
        StoreException trouble = asStoreException(cut);
        while (retries.again(++failed, trouble)) {
            try {
                arriving = source.open(position, remaining);
                return;
            } catch (IOException | StoreException e) {
                trouble = asStoreException(e);
            }
        }
        // With the very exception that says how often was tried: who tries again above looks for it.
        throw lost(trouble);
    }

    private static StoreException asStoreException(Exception trouble) {
        return trouble instanceof StoreException refused
                ? refused
                : new StoreException("STORE_UNREACHABLE", String.valueOf(trouble.getMessage()), "", trouble);
    }

    private IOException lost(StoreException trouble) {
        return new IOException(
                "Reading " + name + " ended at byte " + position + ", " + remaining + " before its end: "
                        + trouble.getMessage(),
                trouble);
    }

    private void giveUpConnection() {
        try {
            arriving.close();
        } catch (IOException | RuntimeException broken) {
            // It is broken already; what follows is read over another one.
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            giveUpConnection();
        }
    }
}
