package dev.muster.postgres.retention;

import dev.muster.postgres.backup.BackupSummary;
import java.time.Instant;

/**
 * A committed backup of a cluster, which WAL is kept for.
 *
 * @param committed by its writer's clock
 */
public record WalBackup(String id, BackupSummary summary, Instant committed) {
    /** The later of what two clocks say: a later time keeps more WAL. */
    Instant time() {
        return summary.stopTime().isAfter(committed) ? summary.stopTime() : committed;
    }
}
