package dev.muster.postgres.walscan;

import static dev.muster.postgres.walscan.LittleEndian.i32;
import static dev.muster.postgres.walscan.LittleEndian.i64;
import static dev.muster.postgres.walscan.LittleEndian.u16;
import static dev.muster.postgres.walscan.LittleEndian.u32;

import dev.muster.postgres.Lsn;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the transactions that wrote in a range of WAL and neither committed nor rolled back in it. */
public final class UnfinishedTransactions {
    private static final int PREPARE = 0x10;

    /**
     * A transaction without an end. A sub-transaction of one that was open is named by its own number.
     *
     * @param preparedName the name given by PREPARE TRANSACTION; empty: it was simply open when WAL ended
     * @param preparedAt by the server's clock
     */
    public record Unfinished(long xid, Lsn firstRecord, Optional<String> preparedName, Optional<Instant> preparedAt) {}

    private UnfinishedTransactions() {}

    /**
     * @param until records that begin here or later are not read
     * @return in the order of their first records
     */
    public static List<Unfinished> find(WalReader reader, Lsn until) {
        Map<Long, Unfinished> open = new LinkedHashMap<>();
        while (reader.position().isBefore(until)) {
            Optional<WalRecord> next = reader.next();
            if (next.isEmpty() || !next.get().start().isBefore(until)) {
                break;
            }
            take(next.get(), open);
        }
        return List.copyOf(open.values());
    }

    private static void take(WalRecord record, Map<Long, Unfinished> open) {
        if (TransactionRecord.isEnd(record)) {
            TransactionRecord end = TransactionRecord.parse(record);
            open.remove(record.xid());
            open.remove(end.xid());
            end.subtransactions().forEach(open::remove);
        } else if (record.resourceManager() == WalRecord.TRANSACTION
                && (record.info() & TransactionRecord.OPERATION) == PREPARE) {
            prepare(record, open);
        } else if (record.xid() != 0) {
            open.computeIfAbsent(
                    record.xid(), xid -> new Unfinished(xid, record.start(), Optional.empty(), Optional.empty()));
        }
    }

    private static void prepare(WalRecord record, Map<Long, Unfinished> open) {
        byte[] bytes = record.bytes();
        int header = record.mainOffset();
        // From 15 on the header also counts dropped statistics, twice.
        boolean statistics = record.format().atLeast(15);
        int lengthAt = header + (statistics ? 54 : 46);
        int nameAt = header + (statistics ? 72 : 64);
        long xid = u32(bytes, header + 8);
        int children = i32(bytes, header + 28);
        int nameLength = u16(bytes, lengthAt);
        String name = TransactionRecord.text(bytes, nameAt, nameLength);
        int childAt = nameAt + (nameLength + 7 & -8);
        for (int i = 0; i < children; i++) {
            open.remove(u32(bytes, childAt + Integer.BYTES * i));
        }
        Unfinished known = open.remove(xid);
        Lsn first = known == null ? record.start() : known.firstRecord();
        Instant at = TransactionRecord.time(i64(bytes, header + 16));
        open.put(xid, new Unfinished(xid, first, Optional.of(name), Optional.of(at)));
    }
}
