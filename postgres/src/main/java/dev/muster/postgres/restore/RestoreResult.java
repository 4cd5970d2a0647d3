package dev.muster.postgres.restore;

import dev.muster.postgres.backup.BackupSummary;
import java.time.Duration;

/**
 * A backup that is on disk again, not yet recovered.
 *
 * @param files restored
 * @param bytes of the files
 * @param written bytes that were written now; fewer than {@code bytes} when an interrupted restore went on
 * @param elapsed by this call
 * @param cpuSeconds used by the threads that copied
 */
public record RestoreResult(
        String backupId,
        BackupSummary summary,
        long files,
        long bytes,
        long written,
        Duration elapsed,
        double cpuSeconds) {}
