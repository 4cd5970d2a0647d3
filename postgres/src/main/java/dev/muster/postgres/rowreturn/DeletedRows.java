package dev.muster.postgres.rowreturn;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.wal.WalBytes;
import dev.muster.postgres.walscan.CommittedTransaction;
import dev.muster.postgres.walscan.RelationFile;
import dev.muster.postgres.walscan.RowChanges;
import dev.muster.postgres.walscan.WalReader;
import dev.muster.postgres.walscan.WalRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The positions that the rows deleted by one transaction had before it. A row that the transaction updated first is
 * traced back to its original position; a row that it had inserted itself is nothing to bring back.
 */
final class DeletedRows implements RowChanges.Sink, AutoCloseable {
    private static final long OWN_INSERT = -1;

    /** Rows of one relation that the transaction touched. */
    static final class Relation {
        private final TidSpill deleted;
        private final TidMap made = new TidMap();
        private long moved;
        private long ownInsertsDeleted;

        Relation(TidSpill deleted) {
            this.deleted = deleted;
        }

        TidSpill deleted() {
            return deleted;
        }
    }

    private final Path folder;
    private final long limit;
    private final Map<RelationFile, Relation> relations = new TreeMap<>();
    private long held;

    private DeletedRows(Path folder, long limit) {
        this.folder = folder;
        this.limit = limit;
    }

    /**
     * Reads the transaction's changes from WAL.
     *
     * @param from where to begin: the transaction's first record, or before
     * @param temporary an existing folder for the positions, which take 8 bytes each
     * @param limit most rows made by the transaction that are held in memory, about 10 bytes each
     * @throws PostgresException WAL_GAP if the WAL ends before the transaction's commit; ROW_RETURN_TOO_LARGE
     */
    static DeletedRows collect(WalBytes wal, Lsn from, CommittedTransaction transaction, Path temporary, long limit) {
        Set<Long> numbers = new HashSet<>(transaction.subtransactions());
        numbers.add(transaction.xid());
        DeletedRows rows;
        try {
            rows = new DeletedRows(Files.createTempDirectory(temporary, "muster-rows-"), limit);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot create a folder in " + temporary, e);
        }
        try {
            rows.read(new WalReader(wal, from), transaction.commitStart(), numbers);
            return rows;
        } catch (RuntimeException e) {
            rows.close();
            throw e;
        }
    }

    private void read(WalReader reader, Lsn commit, Set<Long> numbers) {
        while (true) {
            Optional<WalRecord> next = reader.next();
            // Only the commit's own record proves that all before it was seen.
            if (next.isEmpty() || next.get().start().isAfter(commit)) {
                throw new PostgresException(
                        "WAL_GAP",
                        "The WAL of the transaction can be read only up to " + reader.position()
                                + ", and its commit is at " + commit,
                        "Nothing was changed. Was WAL removed from the store meanwhile? Look for it in another copy of"
                                + " the store.");
            }
            WalRecord record = next.get();
            if (record.start().equals(commit)) {
                return;
            }
            if (RowChanges.isHeapRecord(record) && numbers.contains(record.xid())) {
                RowChanges.decode(record, this);
            }
        }
    }

    Map<RelationFile, Relation> relations() {
        return relations;
    }

    /** Rows that went to another partition and may have been deleted there, which WAL does not connect. */
    long untraceable() {
        long moved = relations.values().stream()
                .mapToLong(relation -> relation.moved)
                .sum();
        long deleted = relations.values().stream()
                .mapToLong(relation -> relation.ownInsertsDeleted)
                .sum();
        return Math.min(moved, deleted);
    }

    private Relation of(RelationFile file) {
        return relations.computeIfAbsent(
                file, unused -> new Relation(new TidSpill(folder.resolve("relation-" + relations.size()))));
    }

    private void hold(Relation relation, long block, int offset, long value) {
        relation.made.put(block, offset, value);
        if (++held > limit) {
            throw new PostgresException(
                    "ROW_RETURN_TOO_LARGE",
                    "The transaction wrote more than " + limit + " rows besides those that it deleted",
                    "Raise the limit (about 10 bytes of memory per row), or bring the rows back by hand from the copy.");
        }
    }

    @Override
    public void inserted(RelationFile file, long block, int offset) {
        hold(of(file), block, offset, OWN_INSERT);
    }

    @Override
    public void updated(RelationFile file, long oldBlock, int oldOffset, long newBlock, int newOffset) {
        Relation relation = of(file);
        long origin = release(relation, oldBlock, oldOffset);
        hold(relation, newBlock, newOffset, origin);
    }

    @Override
    public void deleted(RelationFile file, long block, int offset) {
        Relation relation = of(file);
        long origin = release(relation, block, offset);
        if (origin == OWN_INSERT) {
            relation.ownInsertsDeleted++;
        } else {
            relation.deleted.add(origin);
        }
    }

    @Override
    public void movedAway(RelationFile file, long block, int offset) {
        Relation relation = of(file);
        if (release(relation, block, offset) != OWN_INSERT) {
            relation.moved++;
        }
    }

    @Override
    public void insertionTakenBack(RelationFile file, long block, int offset) {
        release(of(file), block, offset);
    }

    /** Where the row was before the transaction, or that it was not there. */
    private long release(Relation relation, long block, int offset) {
        long origin = relation.made.remove(block, offset);
        if (origin == 0) {
            return Tid.of(block, offset);
        }
        held--;
        return origin;
    }

    @Override
    public void close() {
        try {
            for (Relation relation : relations.values()) {
                relation.deleted.close();
            }
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.deleteIfExists(file);
                }
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot remove " + folder, e);
        }
    }
}
