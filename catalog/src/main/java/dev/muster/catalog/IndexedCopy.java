package dev.muster.catalog;

import java.time.Instant;
import java.util.List;

/**
 * A committed backup in one repository.
 *
 * @param committed by its writer's clock
 * @param seenAt when it was there last
 */
public record IndexedCopy(IndexedBackup backup, Instant committed, Instant seenAt, List<IndexedMark> marks) {
    public IndexedCopy {
        marks = List.copyOf(marks);
    }
}
