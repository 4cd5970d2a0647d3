package dev.muster.postgres.walscan;

import static dev.muster.postgres.walscan.LittleEndian.i32;
import static dev.muster.postgres.walscan.LittleEndian.i64;
import static dev.muster.postgres.walscan.LittleEndian.u32;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * The end of a transaction as WAL records it.
 *
 * @param committed false: rolled back
 * @param xid the top-level transaction (for a prepared one: its own number, not that of the COMMIT PREPARED)
 * @param time when it ended, by the server's clock
 * @param database oid of the database, 0 where the record does not say
 * @param subtransactions those that end with it
 * @param removedFiles relations whose files go with the end
 * @param preparedName the name given by PREPARE TRANSACTION where WAL says it (wal_level logical), otherwise empty
 */
record TransactionRecord(
        boolean committed,
        long xid,
        Instant time,
        long database,
        List<Long> subtransactions,
        List<RelationFile> removedFiles,
        String preparedName) {
    static final int OPERATION = 0x70;
    static final int COMMIT = 0x00;
    static final int ABORT = 0x20;
    static final int COMMIT_PREPARED = 0x30;
    static final int ABORT_PREPARED = 0x40;

    private static final int HAS_INFO = 0x80;
    private static final int HAS_DATABASE = 0x01;
    private static final int HAS_SUBTRANSACTIONS = 0x02;
    private static final int HAS_FILES = 0x04;
    private static final int HAS_INVALIDATIONS = 0x08;
    private static final int HAS_TWO_PHASE = 0x10;
    private static final int HAS_NAME = 0x80;
    private static final int HAS_DROPPED_STATISTICS = 0x100;
    private static final Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    /** PostgreSQL's microseconds since 2000. */
    static Instant time(long microseconds) {
        return EPOCH.plus(microseconds, ChronoUnit.MICROS);
    }

    static boolean isEnd(WalRecord record) {
        int operation = record.info() & OPERATION;
        return record.resourceManager() == WalRecord.TRANSACTION
                && (operation == COMMIT
                        || operation == ABORT
                        || operation == COMMIT_PREPARED
                        || operation == ABORT_PREPARED);
    }

    static TransactionRecord parse(WalRecord record) {
        byte[] bytes = record.bytes();
        int position = record.mainOffset();
        int operation = record.info() & OPERATION;
        boolean committed = operation == COMMIT || operation == COMMIT_PREPARED;
        Instant time = time(i64(bytes, position));
        position += 8;
        int contents = 0;
        if ((record.info() & HAS_INFO) != 0) {
            contents = i32(bytes, position);
            position += 4;
        }
        long database = 0;
        if ((contents & HAS_DATABASE) != 0) {
            database = u32(bytes, position);
            position += 8;
        }
        List<Long> subtransactions = new ArrayList<>();
        if ((contents & HAS_SUBTRANSACTIONS) != 0) {
            int count = i32(bytes, position);
            position += 4;
            for (int i = 0; i < count; i++, position += 4) {
                subtransactions.add(u32(bytes, position));
            }
        }
        List<RelationFile> files = new ArrayList<>();
        if ((contents & HAS_FILES) != 0) {
            int count = i32(bytes, position);
            position += 4;
            for (int i = 0; i < count; i++, position += 12) {
                files.add(new RelationFile(u32(bytes, position), u32(bytes, position + 4), u32(bytes, position + 8)));
            }
        }
        if ((contents & HAS_DROPPED_STATISTICS) != 0) {
            position += 4 + i32(bytes, position) * (record.format().atLeast(18) ? 16 : 12);
        }
        if (committed && (contents & HAS_INVALIDATIONS) != 0) {
            position += 4 + i32(bytes, position) * 16;
        }
        long xid = record.xid();
        String name = "";
        if ((contents & HAS_TWO_PHASE) != 0) {
            xid = u32(bytes, position);
            position += 4;
            if ((contents & HAS_NAME) != 0) {
                name = text(bytes, position, record.bytes().length - position);
            }
        }
        return new TransactionRecord(
                committed, xid, time, database, List.copyOf(subtransactions), List.copyOf(files), name);
    }

    /** A C string: up to the first zero byte, at most {@code limit} bytes. */
    static String text(byte[] bytes, int offset, int limit) {
        int length = 0;
        while (length < limit && bytes[offset + length] != 0) {
            length++;
        }
        return new String(bytes, offset, length, StandardCharsets.UTF_8);
    }
}
