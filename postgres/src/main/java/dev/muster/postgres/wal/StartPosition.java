package dev.muster.postgres.wal;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Where receiving goes on: decided from what the store has and from the server's history, so that a receiver killed at
 * any point leaves no gap. Always the start of a segment, as PostgreSQL's own receiver does: the server keeps whole
 * segments, and what the store has already of the segment is compared with what comes.
 *
 * @param timeline the timeline to ask for
 * @param lsn start of a segment
 */
record StartPosition(int timeline, Lsn lsn) {
    /**
     * @param path the server's history, up to the timeline that it is on
     * @param flushed the end of the server's WAL
     * @param stored what the store has of this cluster
     * @param reserved the oldest WAL that the slot keeps; empty if it keeps none
     * @throws PostgresException TIMELINE_BEHIND, TIMELINE_DIVERGED, SERVER_BEHIND_STORE
     */
    static StartPosition decide(
            TimelineHistory path, Lsn flushed, List<WalRange> stored, Optional<Lsn> reserved, int segmentSize) {
        Optional<WalRange> newest =
                stored.stream().max(Comparator.comparingInt(WalRange::timeline).thenComparing(WalRange::to));
        if (newest.isEmpty()) {
            Lsn start = reserved.orElse(flushed);
            return new StartPosition(path.timelineAt(start), start.segmentStart(segmentSize));
        }
        int timeline = newest.get().timeline();
        Lsn end = newest.get().to();
        if (!path.contains(timeline)) {
            throw stranger(path.timeline(), timeline);
        }
        Optional<Lsn> left = path.endOf(timeline);
        if (left.isPresent() && !end.isBefore(left.get())) {
            // All that is shared is stored; what the old timeline has beyond is not in this server's past.
            return new StartPosition(path.timelineAt(left.get()), left.get().segmentStart(segmentSize));
        }
        if (left.isEmpty() && end.isAfter(flushed)) {
            throw new PostgresException(
                    "SERVER_BEHIND_STORE",
                    "The store has WAL of timeline " + timeline + " up to " + end + ", the server only up to "
                            + flushed,
                    "Is it a standby that lags, or was the server's disk set back to an older state?");
        }
        Lsn start = end.segmentStart(segmentSize);
        return new StartPosition(
                timeline,
                start.equals(end) && segmentBeforeIsThere(newest.get(), reserved, segmentSize)
                        ? end.plus(-segmentSize)
                        : start);
    }

    /**
     * Where the store ends with a segment, nothing of it would be compared with what comes, and a clone's WAL would pass
     * for this cluster's. So the last segment comes once more; {@link ReceivingSession} lets the slot keep it.
     */
    private static boolean segmentBeforeIsThere(WalRange stored, Optional<Lsn> reserved, int segmentSize) {
        return !stored.to().plus(-segmentSize).isBefore(stored.from())
                && reserved.map(kept -> kept.isBefore(stored.to())).orElse(true);
    }

    private static PostgresException stranger(int server, int stored) {
        return stored > server
                ? new PostgresException(
                        "TIMELINE_BEHIND",
                        "The store has WAL of timeline " + stored + ", and this server is still on timeline " + server,
                        "Is this the old primary after a failover? Receive from the new one.")
                : new PostgresException(
                        "TIMELINE_DIVERGED",
                        "The store has WAL of timeline " + stored + ", which is not in the history of this server's"
                                + " timeline " + server,
                        "Two copies of this cluster were promoted. Decide which one goes on under this source.");
    }
}
