package dev.muster.postgres.walscan;

import dev.muster.postgres.Lsn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one transaction or sub-transaction has done so far: sums, never rows. */
final class TransactionWork implements RowChanges.Sink {
    private static final class Counts {
        long inserted;
        long updated;
        long deleted;
        long moved;
    }

    private final Map<RelationFile, Counts> counts = new HashMap<>(4);
    private final Lsn firstRecord;
    final List<Long> droppedDatabases = new ArrayList<>(0);

    @Nullable Lsn firstLock;

    TransactionWork(Lsn firstRecord) {
        this.firstRecord = firstRecord;
    }

    Lsn firstRecord() {
        return firstRecord;
    }

    void addTo(Map<RelationFile, RowCounts> total) {
        counts.forEach((relation, sum) -> total.merge(
                relation, new RowCounts(sum.inserted, sum.updated, sum.deleted, sum.moved), RowCounts::plus));
    }

    private Counts of(RelationFile relation) {
        return counts.computeIfAbsent(relation, unused -> new Counts());
    }

    @Override
    public void inserted(RelationFile relation, long block, int offset) {
        of(relation).inserted++;
    }

    @Override
    public void updated(RelationFile relation, long oldBlock, int oldOffset, long newBlock, int newOffset) {
        of(relation).updated++;
    }

    @Override
    public void deleted(RelationFile relation, long block, int offset) {
        of(relation).deleted++;
    }

    @Override
    public void movedAway(RelationFile relation, long block, int offset) {
        of(relation).moved++;
    }

    @Override
    public void insertionTakenBack(RelationFile relation, long block, int offset) {
        of(relation).inserted--;
    }
}
