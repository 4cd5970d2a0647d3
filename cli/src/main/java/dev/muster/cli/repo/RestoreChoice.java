package dev.muster.cli.repo;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.restore.RecoveryTarget;
import dev.muster.postgres.restore.TargetCheck;
import dev.muster.postgres.wal.TimelineHistory;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is restored: the newest backup from which the target can be reached, unless one was named.
 *
 * @param timeline to recover along
 * @param end of the WAL that can be replayed
 */
record RestoreChoice(CommittedBackup backup, BackupSummary summary, int timeline, Lsn end, WalArchive archive) {
    static RestoreChoice of(
            Repository repository, SourceOption source, RecoveryTarget wanted, @Nullable Integer timeline) {
        List<CommittedBackup> candidates = new ArrayList<>(repository.backups(source.source()));
        if (!source.latest()) {
            String id = source.id(repository);
            candidates.removeIf(backup -> !backup.id().equals(id));
        }
        if (candidates.isEmpty()) {
            throw source.none(repository);
        }
        Collections.reverse(candidates);
        Optional<PostgresException> last = Optional.empty();
        for (CommittedBackup backup : candidates) {
            try {
                return of(repository, source.source(), backup, wanted, timeline);
            } catch (PostgresException e) {
                boolean older =
                        e.code().equals("TARGET_BEFORE_BACKUP") || e.code().equals("TIMELINE_NOT_REACHABLE");
                if (!older) {
                    throw e;
                }
                boolean tells = last.isEmpty() || e.code().equals("TARGET_BEFORE_BACKUP");
                // Of backups that begin too late the oldest says how far back one can go.
                last = tells ? Optional.of(e) : last;
            }
        }
        throw last.orElseThrow();
    }

    /** The newest timeline that left this one before the end of what is replayed; whose rows are missed then. */
    Optional<TimelineHistory> newerTimeline() {
        return archive.histories().stream()
                .filter(other -> other > timeline)
                .flatMap(other -> archive.history(other).stream())
                .filter(history -> history.endOf(timeline)
                        .filter(left -> !left.isAfter(end))
                        .isPresent())
                .reduce((older, newer) -> newer);
    }

    private static RestoreChoice of(
            Repository repository,
            String source,
            CommittedBackup backup,
            RecoveryTarget wanted,
            @Nullable Integer timeline) {
        BackupSummary summary = BackupSummary.of(backup.summary());
        WalArchive archive = new WalArchive(repository, source, summary.systemId(), summary.segmentSize());
        int along = timeline == null ? summary.timeline() : timeline;
        Lsn end = TargetCheck.check(
                wanted, along, summary, archive, Clock.systemUTC().instant());
        return new RestoreChoice(backup, summary, along, end, archive);
    }
}
