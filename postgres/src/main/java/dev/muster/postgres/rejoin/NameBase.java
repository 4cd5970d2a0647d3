package dev.muster.postgres.rejoin;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.walscan.BackupFiles;

/**
 * A backup of the old primary from before the fork, so that relations are called by the names that they had at each
 * transaction, and rows that a transaction changed before the fork are counted.
 *
 * @param start redo position of the backup's checkpoint; the WAL from there on must be in the old primary's pg_wal or in
 *     the archive
 */
public record NameBase(BackupFiles files, Lsn start) {}
