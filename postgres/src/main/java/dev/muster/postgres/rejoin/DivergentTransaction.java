package dev.muster.postgres.rejoin;

import dev.muster.postgres.Lsn;
import java.time.Instant;
import java.util.List;

/**
 * A transaction that the old primary committed and the new one never saw.
 *
 * @param subtransactions those that committed with it
 * @param commitTime by the old primary's clock
 * @param firstRecord start of its first row change that was read
 * @param commitStart start of its commit record
 * @param commitEnd end of its commit record
 * @param preparedName where it was prepared and WAL says the name (wal_level logical); otherwise empty
 * @param relations what it did to users' relations
 * @param changesCatalogues it changed rows of system catalogues: DDL, or the like
 * @param droppedDatabases names, or oids where no name is known
 * @param mayHaveBegunEarlier it was under way when reading began, so that counts may be too low
 */
public record DivergentTransaction(
        long xid,
        List<Long> subtransactions,
        Instant commitTime,
        Lsn firstRecord,
        Lsn commitStart,
        Lsn commitEnd,
        String preparedName,
        List<Change> relations,
        boolean changesCatalogues,
        List<String> droppedDatabases,
        boolean mayHaveBegunEarlier) {
    /**
     * What one transaction did to one relation, in rows.
     *
     * @param relation {@code database.schema.name}, or {@code tablespace/database/file} in numbers where no name is known
     * @param fate what became of the relation as a whole: kept, truncated, dropped, rewritten, created, or unknown
     */
    public record Change(String relation, String fate, long inserted, long updated, long deleted, long moved) {}

    public DivergentTransaction {
        subtransactions = List.copyOf(subtransactions);
        relations = List.copyOf(relations);
        droppedDatabases = List.copyOf(droppedDatabases);
    }
}
