package dev.muster.postgres.wal;

import dev.muster.postgres.Lsn;

/** WAL bytes of one timeline, in order, from a position to the end of what is there. */
public interface WalBytes extends AutoCloseable {
    int timeline();

    int segmentSize();

    /**
     * Fills the buffer with bytes at position; returns how many are there (0 at the end of WAL). Positions are read in
     * rising order mostly, any order allowed.
     */
    int read(Lsn position, byte[] buffer, int offset, int length);

    @Override
    void close();
}
