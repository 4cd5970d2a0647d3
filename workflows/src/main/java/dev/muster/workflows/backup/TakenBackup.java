package dev.muster.workflows.backup;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.workflows.run.StepResult;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A committed backup.
 *
 * @param backup its ULID
 * @param startLsn where replay has to start
 * @param stopLsn where the copy is consistent at the earliest
 * @param bytes read from the data directory
 * @param storedBytes written to the store, compressed and encrypted
 * @param badPages pages whose checksum does not hold in the database itself
 * @param making what kind it became and why; null in reports of earlier versions
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
        double cpuSeconds,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Making making)
        implements StepResult {
    /** One whose making is not told. */
    public TakenBackup(
            String backup,
            String startLsn,
            String stopLsn,
            long files,
            long bytes,
            long storedBytes,
            long badPages,
            double seconds,
            double cpuSeconds) {
        this(backup, startLsn, stopLsn, files, bytes, storedBytes, badPages, seconds, cpuSeconds, null);
    }

    /**
     * @param kind such as {@code incremental}
     * @param parent the backup that it was made against; null if none
     * @param reason why it is not what was wanted, or was not made in the cheapest way; empty if there is nothing to say
     * @param bytesRead from the data directory
     * @param bytesReused that earlier backups had stored
     * @param bytesResumed that a backup which died had stored
     */
    public record Making(
            String kind, @Nullable String parent, String reason, long bytesRead, long bytesReused, long bytesResumed) {
        String detail() {
            return String.format(
                    Locale.ROOT,
                    ", %s%s, read %,d MB%s%s",
                    kind,
                    parent == null ? "" : " against " + parent,
                    bytesRead / 1_000_000,
                    bytesResumed == 0
                            ? ""
                            : String.format(
                                    Locale.ROOT, ", %,d MB of a backup that had died", bytesResumed / 1_000_000),
                    reason.isEmpty() ? "" : ": " + reason);
        }
    }

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
                (making == null ? "" : making.detail())
                        + (badPages == 0 ? "" : ", " + badPages + " BAD PAGES in the database"));
    }
}
