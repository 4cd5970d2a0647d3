package dev.muster.storage.retry;

import dev.muster.storage.ObjectMissingException;
import dev.muster.storage.StoreException;
import java.io.IOException;
import java.io.InputStream;

/** Goes on reading where a read was cut: objects are never rewritten, so what comes then belongs to what came before. */
final class ContinuedStream extends InputStream {
    private final RetryingStore store;
    private final Retries retries;
    private final String key;
    private final long offset;
    /** Of the range; negative until it has to be known. */
    private long length;

    private InputStream current;
    private long position;
    private int tries;

    ContinuedStream(RetryingStore store, Retries retries, String key, long offset, long length, InputStream first) {
        this.store = store;
        this.retries = retries;
        this.key = key;
        this.offset = offset;
        this.length = length;
        this.current = first;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int from, int count) throws IOException {
        while (true) {
            try {
                int read = current.read(bytes, from, count);
                if (read > 0) {
                    position += read;
                    tries = 0;
                }
                return read;
            } catch (IOException e) {
                goOn(e);
            }
        }
    }

    private void goOn(IOException cut) throws IOException {
        StoreException failure = cut.getCause() instanceof StoreException known
                ? known
                : new StoreException(
                        "STORE_UNREACHABLE",
                        "The read of " + key + " in " + store.url() + " was cut: " + cut.getMessage(),
                        "Check the network and the store.",
                        cut);
        while (true) {
            tries++;
            if (!retries.again(tries, failure)) {
                throw cut;
            }
            try {
                closeQuietly(cut);
                if (length < 0) {
                    length = store.find(key)
                            .orElseThrow(() -> new ObjectMissingException(store.url(), key))
                            .size();
                }
                current = store.openOnce(key, offset + position, length - position);
                return;
            } catch (StoreException e) {
                failure = e;
            }
        }
    }

    private void closeQuietly(IOException cut) {
        try {
            current.close();
        } catch (IOException e) {
            cut.addSuppressed(e);
        }
    }

    @Override
    public int available() throws IOException {
        return current.available();
    }

    @Override
    public void close() throws IOException {
        current.close();
    }
}
