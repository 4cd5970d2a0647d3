package dev.muster.activities.observation;

import dev.muster.activities.ActivityWork;
import dev.muster.activities.Heartbeats;
import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.activities.place.ProtectedDatabases;
import dev.muster.activities.place.Repositories;
import dev.muster.activities.place.RequestFiles;
import dev.muster.activities.stores.ExpiryLook;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.lastgoodpoint.Candidate;
import dev.muster.postgres.lastgoodpoint.Hints;
import dev.muster.postgres.lastgoodpoint.LastGoodPoint;
import dev.muster.postgres.lastgoodpoint.LastGoodPointReport;
import dev.muster.postgres.lastgoodpoint.Victim;
import dev.muster.postgres.wal.TimelineHistory;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.postgres.wal.WalBytes;
import dev.muster.postgres.walscan.CommittedTransaction;
import dev.muster.postgres.walscan.ScanSummary;
import dev.muster.postgres.walscan.TransactionScan;
import dev.muster.postgres.walscan.WalReader;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.runbooks.RecoveryPoint;
import dev.muster.runbooks.ResolvedRunbook;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.Target;
import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.DestructiveTransaction;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.workflows.planning.RepositoryObserver;
import dev.muster.workflows.run.RunRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads backups and WAL in the repository, and finds in the WAL what a runbook's target asks for. */
public final class StoredStateObserver implements RepositoryObserver {
    private final ProtectedDatabases databases;
    private final Repositories repositories;
    private final Clock clock;

    public StoredStateObserver(ProtectedDatabases databases, Repositories repositories, Clock clock) {
        this.databases = databases;
        this.repositories = repositories;
        this.clock = clock;
    }

    /** A backup of the source and what its COMMIT says of it. */
    private record Stored(CommittedBackup backup, BackupSummary summary) {}

    /** What the WAL after a backup told. */
    private record Found(
            @Nullable Instant walEndTime,
            List<DestructiveTransaction> destructive,
            @Nullable WalPosition targetPosition) {
        static final Found NOTHING = new Found(null, List.of(), null);
    }

    @Override
    public RepositoryObservation observeRepository(RunRequest request) {
        return ActivityWork.run(heartbeats -> {
            ResolvedRunbook resolved = RequestFiles.read(request).resolved();
            ProtectedDatabase database = databases.of(resolved);
            Repository repository = repositories.of(database);
            List<Stored> backups = repository.backups(database.source()).stream()
                    .map(backup -> new Stored(backup, BackupSummary.of(backup.summary())))
                    .sorted(Comparator.comparing(
                                    (Stored stored) -> stored.summary().stop())
                            .reversed())
                    .limit(RepositoryObservation.MOST_BACKUPS)
                    .toList();
            List<RepositoryObservation.WalRange> ranges = new ArrayList<>();
            List<RepositoryObservation.TimelineSwitch> switches = new ArrayList<>();
            Found found = Found.NOTHING;
            if (!backups.isEmpty()) {
                WalArchive wal = repositories.wal(database, backups.get(0).summary());
                wal.ranges()
                        .forEach(range -> ranges.add(new RepositoryObservation.WalRange(
                                range.timeline(), position(range.from()), position(range.to()))));
                switches(wal, ranges, switches);
                found = find(resolved.runbook(), database, repository, backups, heartbeats);
            }
            return new RepositoryObservation(
                    clock.instant(),
                    backups.stream().map(StoredStateObserver::observed).toList(),
                    ranges,
                    switches,
                    found.walEndTime(),
                    found.destructive(),
                    found.targetPosition(),
                    null,
                    null,
                    resolved.runbook() instanceof Runbook.Expire expire
                            ? ExpiryLook.of(repository, database.source(), expire)
                            : null);
        });
    }

    private static void switches(
            WalArchive wal,
            List<RepositoryObservation.WalRange> ranges,
            List<RepositoryObservation.TimelineSwitch> switches) {
        ranges.stream()
                .map(RepositoryObservation.WalRange::timeline)
                .distinct()
                .filter(timeline -> timeline > 1)
                .forEach(timeline -> wal.history(timeline).ifPresent(history -> {
                    List<TimelineHistory.Ancestor> ancestors = history.ancestors();
                    TimelineHistory.Ancestor parent = ancestors.get(ancestors.size() - 1);
                    switches.add(new RepositoryObservation.TimelineSwitch(
                            timeline, parent.timeline(), position(parent.end())));
                }));
    }

    /** Newest backup first: what happened after it is found with the least WAL read. */
    private Found find(
            Runbook runbook,
            ProtectedDatabase database,
            Repository repository,
            List<Stored> backups,
            Heartbeats heartbeats)
            throws Exception {
        if (runbook instanceof Runbook.PointInTimeRecovery recovery) {
            for (Stored stored : backups) {
                heartbeats.check();
                heartbeats.progress(
                        "reading the WAL after backup " + stored.backup().id());
                Found found = recovery.target() instanceof Target.LastGoodPoint wanted
                        ? destruction(wanted, database, repository, stored)
                        : position(((Target.Fixed) recovery.target()).point(), database, stored);
                if (!found.destructive().isEmpty() || found.targetPosition() != null) {
                    return found;
                }
            }
            return Found.NOTHING;
        }
        if (runbook instanceof Runbook.RestoreTest) {
            ScanSummary scan = scan(database, backups.get(0));
            return new Found(scan.lastCommit().orElse(null), List.of(), null);
        }
        return Found.NOTHING;
    }

    private Found destruction(
            Target.LastGoodPoint wanted, ProtectedDatabase database, Repository repository, Stored stored)
            throws Exception {
        Hints hints = Hints.none();
        if (wanted.after().isPresent() || wanted.before().isPresent()) {
            hints = hints.withWindow(
                    wanted.after().orElse(Instant.MIN), wanted.before().orElse(Instant.MAX));
        }
        if (wanted.xid().isPresent()) {
            hints = hints.withXid(wanted.xid().get());
        }
        BackupSummary summary = stored.summary();
        try (WalBytes wal = open(database, summary)) {
            LastGoodPointReport report = LastGoodPoint.find(
                    new StoredBackupFiles(
                            repository.backup(database.source(), stored.backup().id())),
                    wal,
                    summary.start(),
                    hints);
            return new Found(
                    report.scan().lastCommit().orElse(null),
                    strong(report).stream()
                            .map(candidate -> destructive(candidate, summary.timeline()))
                            .toList(),
                    null);
        }
    }

    /** The worst, and whatever is about as bad: the compiler asks when these are several. */
    private static List<Candidate> strong(LastGoodPointReport report) {
        Optional<Candidate> worst = report.worst();
        return worst.map(most -> report.candidates().stream()
                        .filter(candidate -> candidate.score() >= most.score() / 2)
                        .toList())
                .orElse(List.of());
    }

    private static DestructiveTransaction destructive(Candidate candidate, int timeline) {
        return new DestructiveTransaction(
                candidate.xid(),
                timeline,
                position(candidate.target()),
                position(candidate.commitEnd()),
                candidate.commitTime(),
                candidate.victims().stream()
                        .filter(victim -> victim.damage() != Victim.Damage.UPDATED)
                        .map(victim -> new DestructiveTransaction.Relation(
                                victim.qualifiedName(), victim.rows().orElse(0)))
                        .toList());
    }

    /** Where a target that is not a position stands in the WAL after the backup, if it does. */
    private Found position(RecoveryPoint point, ProtectedDatabase database, Stored stored) throws Exception {
        BackupSummary summary = stored.summary();
        try (WalBytes wal = open(database, summary)) {
            Optional<Lsn> at = Optional.empty();
            if (point instanceof RecoveryPoint.Transaction transaction) {
                at = TransactionScan.commitPosition(wal, summary.start(), transaction.xid())
                        .map(CommittedTransaction::commitStart);
            } else if (point instanceof RecoveryPoint.Time time
                    // Of what was committed before the backup began its WAL tells nothing: the first commit after an
                    // earlier time would be taken from behind the backup, and the copy be newer than was asked for.
                    && !time.time().isBefore(summary.startTime())) {
                at = TransactionScan.firstCommitAfter(wal, summary.start(), time.time())
                        .map(CommittedTransaction::commitStart);
            }
            ScanSummary scan = scan(database, stored);
            if (point instanceof RecoveryPoint.Named named) {
                at = scan.restorePoints().stream()
                        .filter(restorePoint -> restorePoint.name().equals(named.name()))
                        .map(ScanSummary.RestorePoint::end)
                        .findFirst();
            }
            return new Found(
                    scan.lastCommit().orElse(null),
                    List.of(),
                    at.map(StoredStateObserver::position).orElse(null));
        }
    }

    private ScanSummary scan(ProtectedDatabase database, Stored stored) throws Exception {
        try (WalBytes wal = open(database, stored.summary())) {
            return TransactionScan.run(new WalReader(wal, stored.summary().start()), transaction -> true);
        }
    }

    private WalBytes open(ProtectedDatabase database, BackupSummary summary) {
        return repositories.wal(database, summary).read(summary.timeline(), summary.start());
    }

    static RepositoryObservation.Backup observed(CommittedBackup backup) {
        return observed(new Stored(backup, BackupSummary.of(backup.summary())));
    }

    private static RepositoryObservation.Backup observed(Stored stored) {
        BackupSummary summary = stored.summary();
        return new RepositoryObservation.Backup(
                stored.backup().id(),
                stored.backup().kind().label(),
                summary.systemId(),
                summary.serverVersion(),
                summary.timeline(),
                position(summary.start()),
                position(summary.stop()),
                summary.startTime(),
                summary.stopTime(),
                summary.rawBytes());
    }

    private static WalPosition position(Lsn lsn) {
        return new WalPosition(lsn.value());
    }
}
