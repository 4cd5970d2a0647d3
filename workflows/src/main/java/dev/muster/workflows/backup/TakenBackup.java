package dev.muster.workflows.backup;

import dev.muster.workflows.run.StepResult;
import java.util.Locale;

/**
 * A committed backup.
 *
 * @param backup its ULID
 * @param startLsn where replay has to start
 * @param stopLsn where the copy is consistent at the earliest
 * @param bytes read from the data directory
 * @param storedBytes written to the store, compressed and encrypted
 * @param badPages pages whose checksum does not hold in the database itself
 */
public record TakenBackup(
        String backup,
        String startLsn,
        String stopLsn,
        long files,
        long bytes,
        long storedBytes,
        long badPages,
        double seconds,
        double cpuSeconds)
        implements StepResult {
    @Override
    public String detail() {
        return String.format(
                Locale.ROOT,
                "backup %s: %,d files, %,d MB stored as %,d MB in %.1f s (%.0f MB/s, %.1f CPU s)%s",
                backup,
                files,
                bytes / 1_000_000,
                storedBytes / 1_000_000,
                seconds,
                bytes / 1e6 / Math.max(seconds, 0.001),
                cpuSeconds,
                badPages == 0 ? "" : ", " + badPages + " BAD PAGES in the database");
    }
}
