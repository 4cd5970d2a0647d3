package dev.muster.postgres.walscan;

import dev.muster.postgres.Lsn;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What one committed transaction did, its committed sub-transactions included.
 *
 * @param xid the top-level transaction
 * @param subtransactions those that committed with it
 * @param firstRecord start of its first row change in the range, or of its commit where it changed no rows
 * @param commitStart start of the commit record: recovery to this position, exclusive, leaves the transaction out
 * @param commitEnd end of the commit record
 * @param readableUntil a copy paused in recovery after this position, but before the commit's end, holds the
 *     transaction's exclusive locks, so that what it truncated, dropped or altered cannot be read there; equal to
 *     {@code commitStart} for a transaction without such locks
 * @param commitTime by the server's clock
 * @param database oid of the database it ran in, 0 where WAL does not say
 * @param rows by physical relation
 * @param removedFiles relations whose files went with the commit: dropped, truncated or rewritten
 * @param droppedDatabases oids
 * @param preparedName the name given by PREPARE TRANSACTION where WAL says it (wal_level logical), otherwise empty
 * @param mayHaveBegunEarlier it was under way when the range began, so that the counts may be too low
 */
public record CommittedTransaction(
        long xid,
        List<Long> subtransactions,
        Lsn firstRecord,
        Lsn commitStart,
        Lsn commitEnd,
        Lsn readableUntil,
        Instant commitTime,
        long database,
        Map<RelationFile, RowCounts> rows,
        List<RelationFile> removedFiles,
        List<Long> droppedDatabases,
        String preparedName,
        boolean mayHaveBegunEarlier) {
    /** The counts for one relation, all zero if the transaction did not change its rows. */
    public RowCounts in(RelationFile relation) {
        return rows.getOrDefault(relation, RowCounts.NONE);
    }

    public long rowsDeleted() {
        return rows.values().stream().mapToLong(RowCounts::deleted).sum();
    }
}
