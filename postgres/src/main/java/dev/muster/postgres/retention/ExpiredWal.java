package dev.muster.postgres.retention;

import dev.muster.postgres.wal.StoredWal;
import java.util.Optional;

/**
 * An object of WAL that goes.
 *
 * @param bytes as stored
 * @param whole the whole segment that makes a part needless; empty for others
 */
public record ExpiredWal(String key, long bytes, Why why, Optional<StoredWal> whole) {
    /** Listed in docs/reference/retention.md. */
    public enum Why {
        NO_BACKUP_NEEDS_IT,
        WHOLE_SEGMENT_IS_STORED,
        TIMELINE_ENDED
    }
}
