package dev.muster.catalog;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that the store holds of one database, seen at one moment.
 *
 * @param observedAt when the store was read, by the reader's clock
 * @param walEndTime commit time of the newest commit in the stored WAL; null if not looked for or none
 * @param backups newest first
 */
public record SourceIndex(
        String system,
        String database,
        Instant observedAt,
        @Nullable Instant walEndTime,
        List<IndexedBackup> backups,
        List<IndexedWalRange> walRanges,
        List<IndexedTimelineSwitch> timelines) {
    public SourceIndex {
        backups = List.copyOf(backups);
        walRanges = List.copyOf(walRanges);
        timelines = List.copyOf(timelines);
    }
}
