package dev.muster.postgres.walscan;

import dev.muster.postgres.Lsn;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a scan met besides transactions.
 *
 * @param from where it began
 * @param to the end of the last record that was read
 * @param end why WAL ended, or empty if the scan was told to stop before
 * @param bytes sum of the lengths of the records
 * @param firstCommit time of the first commit
 * @param lastCommit time of the last commit, in order of position
 */
public record ScanSummary(
        Lsn from,
        Lsn to,
        Optional<WalEnd> end,
        long records,
        long bytes,
        long committed,
        long rolledBack,
        Optional<Instant> firstCommit,
        Optional<Instant> lastCommit,
        List<CreatedTablespace> createdTablespaces,
        List<CreatedDatabase> createdDatabases,
        List<RestorePoint> restorePoints,
        List<MovedCatalogues> movedCatalogues) {

    /**
     * CREATE TABLESPACE in the WAL. A restored copy must not replay it: it would write to the same path as the source.
     *
     * @param path the absolute path on the source's host, empty for one in the data directory
     */
    public record CreatedTablespace(Lsn position, long oid, String path) {}

    /** CREATE DATABASE in the WAL; {@code copiedFrom} is the template's oid where its files were copied, otherwise 0. */
    public record CreatedDatabase(Lsn position, long oid, long tablespace, long copiedFrom) {}

    /** pg_create_restore_point; {@code end} is the position that recovery_target_name stops at. */
    public record RestorePoint(Lsn position, Lsn end, String name, Instant time) {}

    /**
     * Catalogues of one database got new files (VACUUM FULL of a catalogue, or a new database).
     *
     * @param database oid, 0 for the shared catalogues
     * @param files relfilenode by the catalogue's oid, from this position on
     */
    public record MovedCatalogues(Lsn position, long database, Map<Long, Long> files) {}
}
