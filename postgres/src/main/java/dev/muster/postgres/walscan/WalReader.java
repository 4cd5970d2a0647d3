package dev.muster.postgres.walscan;

import static dev.muster.postgres.walscan.LittleEndian.i32;
import static dev.muster.postgres.walscan.LittleEndian.i64;
import static dev.muster.postgres.walscan.LittleEndian.u8;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.wal.WalBytes;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of one timeline in order. Each record's checksum, address and link to its predecessor are verified.
 * The end of WAL is an ordinary result; a damaged record with valid WAL after it is an error.
 */
public final class WalReader {
    private static final int MAX_RECORD = 1020 * 1024 * 1024;
    private static final int SWITCH = 0x40;
    private static final int FIRST_PIECE = 1 << 16;

    private final WalPages pages;
    private final CRC32C checksum = new CRC32C();
    private long position;
    private long lastRecord;
    private @Nullable WalEnd end;

    // What the attempt to read one record found.
    private @Nullable WalRecord record;
    private WalEnd.Reason failure = WalEnd.Reason.INVALID_RECORD;
    private String why = "";

    /**
     * @param start where a record begins, such as the redo position of a backup's checkpoint, or the end of a record
     */
    public WalReader(WalBytes bytes, Lsn start) {
        this.pages = new WalPages(bytes);
        this.position = start.value();
    }

    /**
     * A reader that begins at the first record that starts on or after the page of {@code from}.
     *
     * @throws PostgresException WAL_START_NOT_FOUND if there is none
     */
    public static WalReader fromFirstRecordAfter(WalBytes bytes, Lsn from) {
        WalReader probe = new WalReader(bytes, from);
        Optional<Lsn> found = probe.firstRecordAfter(from.value() & -WalFormat.PAGE);
        return new WalReader(
                bytes,
                found.orElseThrow(() -> new PostgresException(
                        "WAL_START_NOT_FOUND",
                        "No WAL record begins after " + from + " on timeline " + bytes.timeline(),
                        "Does the archive hold WAL of this timeline from that position on?")));
    }

    /** The next record, or empty at the end of WAL, for which {@link #end()} then tells position and reason. */
    public Optional<WalRecord> next() {
        if (end != null) {
            return Optional.empty();
        }
        if (!attempt(position, true)) {
            long failed = position;
            WalEnd.Reason reason = failure;
            String because = why;
            if (reason == WalEnd.Reason.INVALID_RECORD || reason == WalEnd.Reason.ZEROS) {
                Optional<Lsn> later = firstRecordAfter((failed & -WalFormat.PAGE) + WalFormat.PAGE);
                if (later.isPresent()) {
                    throw new PostgresException(
                            "WAL_DAMAGED",
                            "The WAL record at " + new Lsn(failed) + " on timeline " + pages.timeline()
                                    + " is damaged (" + because + "), and valid WAL follows at " + later.get(),
                            "Fetch this segment from another copy of the archive or from the server's pg_wal."
                                    + " Recovery can only go to " + new Lsn(failed) + ".");
                }
            }
            end = new WalEnd(new Lsn(failed), reason);
            return Optional.empty();
        }
        WalRecord found = java.util.Objects.requireNonNull(record);
        lastRecord = found.start().value();
        position = found.end().value();
        return Optional.of(found);
    }

    /** Where reading ended; empty while records are still coming. */
    public Optional<WalEnd> end() {
        return Optional.ofNullable(end);
    }

    /** Where the next record is expected. */
    public Lsn position() {
        return new Lsn(position);
    }

    /** The format of the WAL; known once a record was read. */
    public WalFormat format() {
        return pages.format();
    }

    private Optional<Lsn> firstRecordAfter(long firstPage) {
        for (long page = firstPage; ; page += WalFormat.PAGE) {
            int available = pages.load(page);
            if (available < WalFormat.LONG_HEADER) {
                return Optional.empty();
            }
            if (!pages.hasValidHeader(page)) {
                continue;
            }
            long candidate = page + pages.headerSize();
            if (pages.firstIsContinuation()) {
                candidate += align(pages.remainingLength());
                if (candidate >= page + WalFormat.PAGE) {
                    continue;
                }
            }
            if (attempt(candidate, false)) {
                return Optional.of(java.util.Objects.requireNonNull(record).start());
            }
        }
    }

    private static long align(long length) {
        return length + 7 & -8L;
    }

    private boolean fail(WalEnd.Reason reason, String because) {
        failure = reason;
        why = because;
        return false;
    }

    /** Tries to read one record; on success it is in {@link #record}. */
    private boolean attempt(long from, boolean chained) {
        record = null;
        long at = from;
        while (true) {
            long page = at & -WalFormat.PAGE;
            int available = pages.load(page);
            int header = WalPages.headerSizeAt(page, pages.segmentSize());
            if (at - page < header) {
                at = page + header;
            }
            if (available <= at - page) {
                boolean boundary = available == 0 || available == at - page;
                return fail(boundary ? WalEnd.Reason.NO_MORE_BYTES : WalEnd.Reason.INCOMPLETE_RECORD, "no more bytes");
            }
            if (!pages.hasValidHeader(page)) {
                return fail(
                        isZero(pages.bytes(), pages.offset(), available)
                                ? WalEnd.Reason.ZEROS
                                : WalEnd.Reason.INVALID_RECORD,
                        "its page header is not valid");
            }
            if (available < at - page + 4) {
                return fail(WalEnd.Reason.INCOMPLETE_RECORD, "no more bytes");
            }
            int length = i32(pages.bytes(), pages.offset() + (int) (at - page));
            if (length == 0) {
                return fail(WalEnd.Reason.ZEROS, "its length is zero");
            }
            if (length < WalRecord.HEADER || length > MAX_RECORD) {
                return fail(WalEnd.Reason.INVALID_RECORD, "its length is " + Integer.toUnsignedString(length));
            }
            long overwritten = assemble(at, length, chained);
            if (overwritten == 0) {
                return record != null;
            }
            // The server died before it had written the rest of this record, and went on after it.
            at = overwritten;
        }
    }

    /** Joins a record's pieces; returns the page to go on at if the record was given up by the server, otherwise 0. */
    private long assemble(long start, int length, boolean chained) {
        byte[] bytes = new byte[Math.min(length, FIRST_PIECE)];
        int have = 0;
        long at = start;
        while (true) {
            long page = at & -WalFormat.PAGE;
            int inPage = (int) (at - page);
            int available = pages.load(page);
            int wanted = Math.min(length - have, WalFormat.PAGE - inPage);
            if (available - inPage < wanted) {
                fail(WalEnd.Reason.INCOMPLETE_RECORD, "no more bytes");
                return 0;
            }
            if (have + wanted > bytes.length) {
                // Grown only as valid pages come: a random length must not claim a gigabyte.
                bytes = Arrays.copyOf(bytes, (int) Math.min(length, Math.max(2L * bytes.length, have + wanted)));
            }
            System.arraycopy(pages.bytes(), pages.offset() + inPage, bytes, have, wanted);
            boolean headerComplete = have < WalRecord.HEADER && have + wanted >= WalRecord.HEADER;
            have += wanted;
            at += wanted;
            if (headerComplete && chained && lastRecord != 0 && i64(bytes, 8) != lastRecord) {
                fail(WalEnd.Reason.INVALID_RECORD, "it does not follow the record at " + new Lsn(lastRecord));
                return 0;
            }
            if (have == length) {
                break;
            }
            available = pages.load(at);
            int header = WalPages.headerSizeAt(at, pages.segmentSize());
            if (available < header) {
                fail(WalEnd.Reason.INCOMPLETE_RECORD, "no more bytes");
                return 0;
            }
            if (!pages.hasValidHeader(at)) {
                fail(
                        WalEnd.Reason.INVALID_RECORD,
                        "the page at " + new Lsn(at) + " that should continue it is not valid");
                return 0;
            }
            if (pages.firstIsOverwrite()) {
                return at + header;
            }
            if (!pages.firstIsContinuation() || pages.remainingLength() != length - have) {
                fail(WalEnd.Reason.INVALID_RECORD, "the page at " + new Lsn(at) + " does not continue it");
                return 0;
            }
            at += header;
        }
        checksum.reset();
        checksum.update(bytes, WalRecord.HEADER, length - WalRecord.HEADER);
        checksum.update(bytes, 0, WalRecord.HEADER - 4);
        if ((int) checksum.getValue() != i32(bytes, WalRecord.HEADER - 4)) {
            fail(WalEnd.Reason.INVALID_RECORD, "its checksum is wrong");
            return 0;
        }
        record = new WalRecord(new Lsn(start), new Lsn(endOf(bytes, at)), pages.format(), bytes);
        return 0;
    }

    private long endOf(byte[] bytes, long at) {
        long aligned = align(at);
        if (u8(bytes, 17) == WalRecord.XLOG && (u8(bytes, 16) & 0xF0) == SWITCH) {
            // The rest of the segment is padding.
            long into = Long.remainderUnsigned(aligned, pages.segmentSize());
            return into == 0 ? aligned : aligned + pages.segmentSize() - into;
        }
        return aligned;
    }

    private static boolean isZero(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }
}
