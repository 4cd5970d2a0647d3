package dev.muster.postgres.walscan;

import dev.muster.postgres.Lsn;

/**
 * Where and why reading ended; an ordinary result.
 *
 * @param position the first byte after the last valid record
 */
public record WalEnd(Lsn position, Reason reason) {
    /** What lies at the end. */
    public enum Reason {
        /** No more bytes, exactly at the end of a record. */
        NO_MORE_BYTES,
        /** Zeros: the rest of the segment is not written yet. */
        ZEROS,
        /** A record whose end is not there yet. */
        INCOMPLETE_RECORD,
        /** Bytes that are no record, with no valid WAL after them: a recycled segment, or a torn last write. */
        INVALID_RECORD
    }
}
