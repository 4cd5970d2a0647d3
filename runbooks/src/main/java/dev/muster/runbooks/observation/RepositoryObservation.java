package dev.muster.runbooks.observation;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.runbooks.WalPosition;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is in the repository for one source.
 *
 * @param backups the committed ones, in any order, at most {@link #MOST_BACKUPS}, the newest if there are more
 * @param wal what WAL is there, each range without a gap
 * @param timelines where each timeline but the first left its parent, from the history files
 * @param walEndTime commit time of the newest commit in the stored WAL; null if not known
 * @param destructive transactions that the last-good-point finder proposes, likeliest first; empty where the runbook's
 *     target does not ask for it, or nothing was found
 * @param targetPosition where the target that is a time, transaction or name stands in the WAL; null if not looked for
 * @param restoreBytesPerSecond measured by earlier restores here; null if never
 * @param replayBytesPerSecond measured by earlier replays here; null if never
 * @param expiry what an expiry would take; null where the runbook is none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RepositoryObservation(
        Instant observedAt,
        List<Backup> backups,
        List<WalRange> wal,
        List<TimelineSwitch> timelines,
        @Nullable Instant walEndTime,
        List<DestructiveTransaction> destructive,
        @Nullable WalPosition targetPosition,
        @Nullable Long restoreBytesPerSecond,
        @Nullable Long replayBytesPerSecond,
        @Nullable ExpiryObservation expiry) {
    public static final int MOST_BACKUPS = 1000;

    public RepositoryObservation {
        backups = List.copyOf(backups);
        wal = List.copyOf(wal);
        timelines = List.copyOf(timelines);
        destructive = List.copyOf(destructive);
        if (backups.size() > MOST_BACKUPS) {
            throw new IllegalArgumentException("More than " + MOST_BACKUPS + " backups in one observation");
        }
    }

    /** For every scenario but an expiry. */
    public RepositoryObservation(
            Instant observedAt,
            List<Backup> backups,
            List<WalRange> wal,
            List<TimelineSwitch> timelines,
            @Nullable Instant walEndTime,
            List<DestructiveTransaction> destructive,
            @Nullable WalPosition targetPosition,
            @Nullable Long restoreBytesPerSecond,
            @Nullable Long replayBytesPerSecond) {
        this(
                observedAt,
                backups,
                wal,
                timelines,
                walEndTime,
                destructive,
                targetPosition,
                restoreBytesPerSecond,
                replayBytesPerSecond,
                null);
    }

    /** The newest timeline that WAL or a backup is on; 0 if there is neither. */
    public int newestTimeline() {
        return Math.max(
                wal.stream().mapToInt(WalRange::timeline).max().orElse(0),
                backups.stream().mapToInt(Backup::timeline).max().orElse(0));
    }

    /**
     * A committed backup.
     *
     * @param id a ULID
     * @param kind such as {@code full}
     * @param systemId the cluster's identity, in decimal
     * @param serverVersion PostgreSQL's server_version_num
     * @param start where its replay begins to need WAL
     * @param stop from where on a copy is consistent
     * @param bytes of all its files, restored
     */
    public record Backup(
            String id,
            String kind,
            String systemId,
            int serverVersion,
            int timeline,
            WalPosition start,
            WalPosition stop,
            Instant startTime,
            Instant stopTime,
            long bytes) {}

    /** WAL of one timeline without a gap, end exclusive. */
    public record WalRange(int timeline, WalPosition from, WalPosition to) {}

    /** A timeline left its parent at a position. */
    public record TimelineSwitch(int timeline, int parent, WalPosition at) {}
}
