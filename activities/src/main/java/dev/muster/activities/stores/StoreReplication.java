package dev.muster.activities.stores;

import dev.muster.activities.Heartbeats;
import dev.muster.activities.place.ProtectedDatabase;
import dev.muster.repository.Repository;
import dev.muster.repository.replication.ReplicaStatus;
import dev.muster.repository.replication.ReplicatedBackup;
import dev.muster.repository.replication.Replication;
import dev.muster.repository.replication.ReplicationOptions;
import dev.muster.repository.replication.ReplicationReport;
import dev.muster.repository.replication.SourceLag;
import dev.muster.repository.replication.WalPosition;
import dev.muster.repository.verification.Problem;
import dev.muster.runbooks.SystemDescription;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import dev.muster.workflows.stores.ReplicatedStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** Brings one source of a repository to another store. */
final class StoreReplication {
    private final Repository origin;
    private final String source;
    private final SystemDescription.RepositoryPlace from;
    private final SystemDescription.RepositoryPlace to;
    private final Clock clock;

    StoreReplication(Repository origin, ProtectedDatabase database, SystemDescription.RepositoryPlace to, Clock clock) {
        this.origin = origin;
        this.source = database.source();
        this.from = database.repository();
        this.to = to;
        this.clock = clock;
    }

    ReplicatedStore run(String runId, Heartbeats heartbeats) {
        try (Repository watched = origin.in(new WatchedStore(Stores.open(from.store()), heartbeats))) {
            return run(watched, runId, heartbeats);
        }
    }

    private ReplicatedStore run(Repository watched, String runId, Heartbeats heartbeats) {
        long begun = System.nanoTime();
        Instant began = clock.instant();
        ObjectStore replica = Stores.open(to.store());
        AtomicLong objects = new AtomicLong();
        AtomicLong copied = new AtomicLong();
        ReplicationReport report = Replication.of(
                        watched, replica, new ReplicationOptions("run." + runId.toLowerCase(Locale.ROOT)), clock)
                .run(List.of(source), (key, bytes) -> {
                    heartbeats.check();
                    heartbeats.progress(String.format(
                            Locale.ROOT,
                            "copied %,d objects, %,d MB",
                            objects.incrementAndGet(),
                            copied.addAndGet(bytes) / 1_000_000));
                });
        if (!report.complete()) {
            // The store failed on the way: the failure is the last problem, and the step is tried again.
            List<Problem> problems = report.problems();
            throw problems.get(problems.size() - 1).toException();
        }
        List<SourceLag> lag =
                ReplicaStatus.of(watched, replica, List.of(source), clock).sources();
        return new ReplicatedStore(
                to.name(),
                replica.url(),
                report.objects(),
                report.bytes(),
                count(report, ReplicatedBackup.Outcome.COPIED),
                count(report, ReplicatedBackup.Outcome.PRESENT),
                count(report, ReplicatedBackup.Outcome.REPAIRED),
                count(report, ReplicatedBackup.Outcome.INCOMPLETE),
                report.problemCount(),
                StoreProblems.of(report.problems()),
                lag.stream().map(this::lag).toList(),
                Duration.ofNanos(System.nanoTime() - begun).toMillis() / 1000.0,
                BackupFindings.of(report, source),
                began);
    }

    private static long count(ReplicationReport report, ReplicatedBackup.Outcome outcome) {
        return report.backups().stream()
                .filter(backup -> backup.outcome() == outcome)
                .count();
    }

    private ReplicatedStore.Lag lag(SourceLag lag) {
        return new ReplicatedStore.Lag(
                lag.source(),
                lag.originBackup().orElse(null),
                lag.replicaBackup().orElse(null),
                lag.missingBackups(),
                lag.originWal().map(WalPosition::toString).orElse(null),
                lag.replicaWal().map(WalPosition::toString).orElse(null),
                lag.missingObjects(),
                lag.missingBytes(),
                lag.age(clock.instant()).toSeconds());
    }
}
