package dev.muster.postgres.backup;

import java.time.Duration;
import java.util.List;

/**
 * A committed backup and what it cost.
 *
 * @param backupId a ULID
 * @param skipped paths in the data directory that are neither file nor directory and are not in the backup
 * @param bytes read from the data directory
 * @param elapsed from the start to COMMIT
 * @param waitedForWal how much of that was waiting for WAL to arrive in the store
 * @param cpuSeconds used by the threads that copied
 */
public record BackupResult(
        String backupId,
        BackupSummary summary,
        List<String> skipped,
        long bytes,
        Duration elapsed,
        Duration waitedForWal,
        double cpuSeconds) {
    public BackupResult {
        skipped = List.copyOf(skipped);
    }
}
