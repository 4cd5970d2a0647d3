package dev.muster.postgres.walscan;

import static dev.muster.postgres.walscan.LittleEndian.i32;
import static dev.muster.postgres.walscan.LittleEndian.i64;
import static dev.muster.postgres.walscan.LittleEndian.u32;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.wal.WalBytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads WAL once and tells what each committed transaction did. Holds sums for the transactions under way, nothing for
 * the finished ones: a listener takes each at its commit.
 */
public final class TransactionScan {
    private static final int CREATE_TABLESPACE = 0x00;
    private static final int RESTORE_POINT = 0x70;
    private static final int RUNNING_TRANSACTIONS = 0x10;
    private static final int EXCLUSIVE_LOCKS = 0x00;
    private static final int SHUTDOWN_CHECKPOINT = 0x00;
    private static final int ONLINE_CHECKPOINT = 0x10;

    private final WalReader reader;
    private final Lsn from;
    private final Predicate<CommittedTransaction> listener;
    private final Map<Long, TransactionWork> underWay = new HashMap<>();
    private final List<ScanSummary.CreatedTablespace> tablespaces = new ArrayList<>();
    private final List<ScanSummary.CreatedDatabase> databases = new ArrayList<>();
    private final List<ScanSummary.RestorePoint> restorePoints = new ArrayList<>();
    private final List<ScanSummary.MovedCatalogues> movedCatalogues = new ArrayList<>();

    private @Nullable Long firstXidOfRange;

    private long records;
    private long bytes;
    private long committed;
    private long rolledBack;
    private @Nullable Instant firstCommit;
    private @Nullable Instant lastCommit;

    private TransactionScan(WalReader reader, Predicate<CommittedTransaction> listener) {
        this.reader = reader;
        this.from = reader.position();
        this.listener = listener;
    }

    /**
     * Scans from the reader's position to the end of WAL.
     *
     * @param listener takes each transaction at its commit, in order; false ends the scan after it
     */
    public static ScanSummary run(WalReader reader, Predicate<CommittedTransaction> listener) {
        return new TransactionScan(reader, listener).run(new Lsn(-1L));
    }

    /** As {@link #run(WalReader, Predicate)}, up to the last record that begins before {@code until}. */
    public static ScanSummary run(WalReader reader, Lsn until, Predicate<CommittedTransaction> listener) {
        return new TransactionScan(reader, listener).run(until);
    }

    /** The commit of transaction {@code xid} in the WAL from {@code start} on, if it is there. */
    public static Optional<CommittedTransaction> commitPosition(WalBytes wal, Lsn start, long xid) {
        List<CommittedTransaction> found = new ArrayList<>(1);
        run(new WalReader(wal, start), transaction -> {
            if (transaction.xid() == xid || transaction.subtransactions().contains(xid)) {
                found.add(transaction);
            }
            return found.isEmpty();
        });
        return found.stream().findFirst();
    }

    /**
     * The first transaction whose commit time is after {@code time}: recovery to its commit's start, exclusive, holds
     * all that was committed up to {@code time}. Empty if no commit came later.
     */
    public static Optional<CommittedTransaction> firstCommitAfter(WalBytes wal, Lsn start, Instant time) {
        List<CommittedTransaction> found = new ArrayList<>(1);
        run(new WalReader(wal, start), transaction -> {
            if (transaction.commitTime().isAfter(time)) {
                found.add(transaction);
            }
            return found.isEmpty();
        });
        return found.stream().findFirst();
    }

    private ScanSummary run(Lsn until) {
        Lsn to = from;
        while (reader.position().isBefore(until)) {
            Optional<WalRecord> next = reader.next();
            if (next.isEmpty()) {
                break;
            }
            WalRecord record = next.get();
            if (!record.start().isBefore(until)) {
                break;
            }
            records++;
            bytes += record.length();
            to = record.end();
            if (!take(record)) {
                break;
            }
        }
        return new ScanSummary(
                from,
                to,
                reader.end(),
                records,
                bytes,
                committed,
                rolledBack,
                Optional.ofNullable(firstCommit),
                Optional.ofNullable(lastCommit),
                List.copyOf(tablespaces),
                List.copyOf(databases),
                List.copyOf(restorePoints),
                List.copyOf(movedCatalogues));
    }

    private boolean take(WalRecord record) {
        switch (record.resourceManager()) {
            case WalRecord.HEAP, WalRecord.HEAP2 -> {
                if (record.xid() != 0) {
                    RowChanges.decode(record, work(record));
                }
            }
            case WalRecord.TRANSACTION -> {
                if (TransactionRecord.isEnd(record)) {
                    return finish(record, TransactionRecord.parse(record));
                }
            }
            case WalRecord.STANDBY -> {
                if (record.info() == RUNNING_TRANSACTIONS) {
                    running(record);
                } else if (record.info() == EXCLUSIVE_LOCKS) {
                    locks(record);
                }
            }
            case WalRecord.XLOG -> takeXlog(record);
            case WalRecord.DATABASE -> takeDatabase(record);
            case WalRecord.RELATION_MAP ->
                movedCatalogues.add(new ScanSummary.MovedCatalogues(
                        record.start(),
                        u32(record.bytes(), record.mainOffset()),
                        RelationMap.of(record).files()));
            case WalRecord.TABLESPACE -> {
                if (record.info() == CREATE_TABLESPACE) {
                    tablespaces.add(new ScanSummary.CreatedTablespace(
                            record.start(),
                            u32(record.bytes(), record.mainOffset()),
                            TransactionRecord.text(record.bytes(), record.mainOffset() + 4, record.mainLength() - 4)));
                }
            }
            default -> {
                // Indexes, sequences and the rest say nothing about rows.
            }
        }
        return true;
    }

    private TransactionWork work(WalRecord record) {
        return underWay.computeIfAbsent(record.xid(), unused -> new TransactionWork(record.start()));
    }

    private void takeXlog(WalRecord record) {
        if (record.info() == RESTORE_POINT) {
            restorePoints.add(new ScanSummary.RestorePoint(
                    record.start(),
                    record.end(),
                    TransactionRecord.text(record.bytes(), record.mainOffset() + 8, 64),
                    TransactionRecord.time(i64(record.bytes(), record.mainOffset()))));
        } else if ((record.info() == SHUTDOWN_CHECKPOINT || record.info() == ONLINE_CHECKPOINT)
                && i64(record.bytes(), record.mainOffset()) == from.value()) {
            firstXidOfRange = u32(record.bytes(), record.mainOffset() + 24);
        }
    }

    private void takeDatabase(WalRecord record) {
        byte[] main = record.bytes();
        int offset = record.mainOffset();
        int operation = record.info();
        boolean separate = record.format().atLeast(15);
        if (operation == (separate ? 0x20 : 0x10)) {
            work(record).droppedDatabases.add(u32(main, offset));
        } else if (operation == 0x00) {
            databases.add(new ScanSummary.CreatedDatabase(
                    record.start(), u32(main, offset), u32(main, offset + 4), u32(main, offset + 8)));
        } else if (operation == 0x10) {
            databases.add(new ScanSummary.CreatedDatabase(record.start(), u32(main, offset), u32(main, offset + 4), 0));
        }
    }

    /** PostgreSQL logs at each checkpoint, and every 15 seconds, which transactions are under way. */
    private void running(WalRecord record) {
        byte[] main = record.bytes();
        int offset = record.mainOffset();
        if (firstXidOfRange == null) {
            firstXidOfRange = u32(main, offset + 12);
        }
        long oldest = u32(main, offset + 16);
        // A crash of the server leaves no record of the end of a transaction; it must not be held for ever.
        underWay.keySet().removeIf(xid -> precedes(xid, oldest));
    }

    private void locks(WalRecord record) {
        int count = i32(record.bytes(), record.mainOffset());
        for (int i = 0; i < count; i++) {
            long xid = u32(record.bytes(), record.mainOffset() + 4 + 12 * i);
            TransactionWork work = underWay.computeIfAbsent(xid, unused -> new TransactionWork(record.start()));
            if (work.firstLock == null) {
                work.firstLock = record.start();
            }
        }
    }

    private boolean finish(WalRecord record, TransactionRecord end) {
        List<TransactionWork> works = new ArrayList<>();
        takeWork(end.xid(), works);
        for (long subtransaction : end.subtransactions()) {
            takeWork(subtransaction, works);
        }
        if (!end.committed()) {
            rolledBack++;
            return true;
        }
        committed++;
        if (firstCommit == null) {
            firstCommit = end.time();
        }
        lastCommit = end.time();
        Map<RelationFile, RowCounts> rows = new HashMap<>();
        List<Long> dropped = new ArrayList<>();
        Lsn first = record.start();
        Lsn readable = record.start();
        for (TransactionWork work : works) {
            work.addTo(rows);
            dropped.addAll(work.droppedDatabases);
            if (work.firstRecord().isBefore(first)) {
                first = work.firstRecord();
            }
            if (work.firstLock != null && work.firstLock.isBefore(readable)) {
                readable = work.firstLock;
            }
        }
        return listener.test(new CommittedTransaction(
                end.xid(),
                end.subtransactions(),
                first,
                record.start(),
                record.end(),
                readable,
                end.time(),
                end.database(),
                Map.copyOf(rows),
                end.removedFiles(),
                List.copyOf(dropped),
                end.preparedName(),
                mayHaveBegunEarlier(end)));
    }

    /**
     * Transactions get their numbers in order. The number that was next when the range began comes with the checkpoint
     * that the range begins at, or, a little too high, with the first list of running transactions.
     */
    private boolean mayHaveBegunEarlier(TransactionRecord end) {
        return firstXidOfRange == null
                || precedes(end.xid(), firstXidOfRange)
                || end.subtransactions().stream().anyMatch(xid -> precedes(xid, firstXidOfRange));
    }

    private static boolean precedes(long xid, long other) {
        return (int) (xid - other) < 0;
    }

    private void takeWork(long xid, List<TransactionWork> works) {
        TransactionWork work = underWay.remove(xid);
        if (work != null) {
            works.add(work);
        }
    }
}
