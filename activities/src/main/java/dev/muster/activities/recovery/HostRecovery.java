package dev.muster.activities.recovery;

import dev.muster.activities.ActivityWork;
import dev.muster.activities.HeartbeatProgress;
import dev.muster.activities.Heartbeats;
import dev.muster.activities.authority.HostAuthority;
import dev.muster.activities.place.HostPlace;
import dev.muster.activities.place.ProtectedDatabases;
import dev.muster.activities.place.Repositories;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.restore.PhysicalRestore;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.restore.RecoverySettings;
import dev.muster.postgres.restore.RecoveryStatus;
import dev.muster.postgres.restore.RestoreResult;
import dev.muster.postgres.restore.TargetCheck;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.repository.reading.Reading;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.steps.StepType;
import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.recovery.CanaryReading;
import dev.muster.workflows.recovery.CheckVerdict;
import dev.muster.workflows.recovery.RecoveredCopy;
import dev.muster.workflows.recovery.RecoveryActivities;
import dev.muster.workflows.recovery.Removed;
import dev.muster.workflows.recovery.RestoredCopy;
import dev.muster.workflows.recovery.ReturnedRows;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** The host worker's activities on a copy. Each verifies the run's authority first, by what this host knows. */
public final class HostRecovery implements RecoveryActivities {
    /** Replay is bounded by the step's own bounds in the plan; this only ends a wait that nothing else ends. */
    private static final Duration LONGEST_REPLAY = Duration.ofHours(24);

    private final HostAuthority authority;
    private final ProtectedDatabases databases;
    private final Repositories repositories;
    private final HostPlace place;
    private final Clock clock;

    public HostRecovery(
            HostAuthority authority,
            ProtectedDatabases databases,
            Repositories repositories,
            HostPlace place,
            Clock clock) {
        this.authority = authority;
        this.databases = databases;
        this.repositories = repositories;
        this.place = place;
        this.clock = clock;
    }

    private CopyOnHost copy(Authority shown, StepType step) {
        return copy(shown, authority.plan(shown, step));
    }

    private CopyOnHost copy(Authority shown, Plan plan) {
        CopyOnHost copy = new CopyOnHost(plan, shown.planHash(), databases.of(plan), place, repositories);
        copy.refuseIfOfOtherRun();
        return copy;
    }

    @Override
    public RestoredCopy restoreBackup(Authority shown) {
        return ActivityWork.run(heartbeats -> {
            CopyOnHost copy = copy(shown, StepType.POSTGRES_RESTORE);
            Files.createDirectories(copy.folder());
            authority.guard(shown);
            Reading reading = copy.reading();
            RestoreResult result;
            try {
                result = new PhysicalRestore(
                                copy.repository(),
                                copy.database().source(),
                                copy.backupId(),
                                RecoveryServer.dataDirectory(copy.folder()),
                                copy.owner(),
                                Math.min(8, Runtime.getRuntime().availableProcessors()))
                        .run(new HeartbeatProgress(heartbeats, "restored"));
            } finally {
                reading.leave(); // The replay, which needs the WAL, is another activity.
            }
            return new RestoredCopy(
                    result.backupId(),
                    RecoveryServer.dataDirectory(copy.folder()).toString(),
                    result.files(),
                    result.bytes(),
                    result.elapsed().toMillis() / 1000.0,
                    result.cpuSeconds());
        });
    }

    @Override
    public RecoveredCopy replayWal(Authority shown) {
        return ActivityWork.run(heartbeats -> {
            CopyOnHost copy = copy(shown, StepType.POSTGRES_REPLAY);
            BackupSummary summary = copy.summary();
            WalArchive wal = copy.wal(summary);
            TargetCheck.check(copy.recoveryTarget(), copy.target().timeline(), summary, wal, clock.instant());
            authority.guard(shown);
            try (Reading reading = copy.reading();
                    RecoveryServer server = copy.server(wal)) {
                if (server.server().processId().isEmpty()) {
                    server.configure(
                            RecoverySettings.defaults(
                                    copy.recoveryTarget(),
                                    copy.target().timeline(),
                                    copy.freePort(),
                                    RecoverySettings.Access.TRUST_LOCAL),
                            summary);
                }
                server.start();
                RecoveryStatus status =
                        server.awaitTarget(LONGEST_REPLAY, new HeartbeatProgress(heartbeats, "replayed"));
                new ReplayedAt(copy.folder()).write(clock.instant());
                return new RecoveredCopy(
                        status.replayed().map(Lsn::toString).orElse("unknown"),
                        copy.target().point().describe(),
                        "127.0.0.1",
                        server.port(),
                        copy.target().timeline());
            }
        });
    }

    @Override
    public CheckVerdict checkCopy(Authority shown, String stepId) {
        return ActivityWork.run(heartbeats -> {
            Plan plan = authority.plan(shown, stepId);
            CopyOnHost copy = copy(shown, plan);
            Plan.PlannedStep step = plan.step(stepId).orElseThrow();
            try (RecoveryServer server = copy.server(copy.wal(copy.summary()))) {
                return new CopyChecks(copy, server, place).check(step, heartbeats);
            }
        });
    }

    @Override
    public CanaryReading readCanary(Authority shown) {
        return ActivityWork.run(heartbeats -> {
            CopyOnHost copy = copy(shown, StepType.POSTGRES_CANARY);
            try (RecoveryServer server = copy.server(copy.wal(copy.summary()))) {
                return CanaryCheck.read(copy, server, reference(copy));
            }
        });
    }

    /**
     * The moment that the loss is measured from: the fault that the target leaves out; else when all stored WAL had been
     * replayed.
     */
    private static Instant reference(CopyOnHost copy) {
        var destructive = copy.target().destructive();
        return destructive == null ? new ReplayedAt(copy.folder()).read() : destructive.commitTime();
    }

    @Override
    public ReturnedRows returnRows(Authority shown) {
        return ActivityWork.run(heartbeats -> {
            CopyOnHost copy = copy(shown, StepType.POSTGRES_RETURN_ROWS);
            heartbeats.progress("bringing rows back");
            try (RecoveryServer server = copy.server(copy.wal(copy.summary()))) {
                return new RowsBack(copy, server, clock).run(() -> beforeCommit(shown, heartbeats));
            }
        });
    }

    private void beforeCommit(Authority shown, Heartbeats heartbeats) {
        heartbeats.check();
        authority.guard(shown);
    }

    @Override
    public Removed removeCopy(Authority shown) {
        return ActivityWork.run(heartbeats -> {
            CopyOnHost copy = copy(shown, StepType.POSTGRES_REMOVE_COPY);
            boolean existed = Files.exists(copy.folder());
            heartbeats.progress("removing " + copy.folder());
            try (RecoveryServer server = copy.server(copy.wal(copy.summary()))) {
                server.destroy();
            }
            copy.endReading();
            authority.ended(shown);
            return new Removed(copy.folder().toString(), existed);
        });
    }
}
