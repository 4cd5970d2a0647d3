package dev.muster.workflows.recovery;

import dev.muster.workflows.run.StepResult;
import java.util.Locale;

/**
 * A backup's files, restored and verified as they were written.
 *
 * @param directory the copy's data directory on the host
 * @param bytes restored
 * @param seconds wall time of the restore, this attempt
 * @param cpuSeconds processor time of the restoring process, this attempt
 */
public record RestoredCopy(String backup, String directory, long files, long bytes, double seconds, double cpuSeconds)
        implements StepResult {
    @Override
    public String detail() {
        return String.format(
                Locale.ROOT,
                "backup %s: %,d files, %,d MB in %.1f s (%.0f MB/s, %.1f CPU s)",
                backup,
                files,
                bytes / 1_000_000,
                seconds,
                bytes / 1e6 / Math.max(seconds, 0.001),
                cpuSeconds);
    }
}
