package dev.muster.postgres.retention;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.TimelineHistory;
import java.util.Optional;

/**
 * WAL that is kept: on a timeline and its past, from a position on.
 *
 * @param to without it, all that comes
 * @param why for people, the end of the sentence "It is kept: ..."
 */
public record WalNeed(TimelineHistory path, Lsn from, Optional<Lsn> to, String why) {
    /** Whole segments, those of an ancestor up to the one in which it was left. */
    boolean covers(SegmentName segment) {
        if (!path.contains(segment.timeline()) || !segment.end().isAfter(from)) {
            return false;
        }
        boolean beyond = to.map(end -> segment.start().isAfter(end)).orElse(false);
        boolean left = path.endOf(segment.timeline())
                .map(end -> !segment.start().isBefore(end))
                .orElse(false);
        return !beyond && !left;
    }
}
