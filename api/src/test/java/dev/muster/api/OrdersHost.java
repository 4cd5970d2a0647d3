package dev.muster.api;

import dev.muster.activities.ActivityWork;
import dev.muster.activities.authority.HostAuthority;
import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.runbooks.observation.DestructiveTransaction;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.runbooks.steps.StepType;
import dev.muster.workflows.authority.AdmissionActivities;
import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.backup.BackupActivities;
import dev.muster.workflows.backup.TakenBackup;
import dev.muster.workflows.planning.DatabaseObserver;
import dev.muster.workflows.planning.PlanDocument;
import dev.muster.workflows.planning.RepositoryObserver;
import dev.muster.workflows.recording.CopiesObservation;
import dev.muster.workflows.recording.CopiesObserver;
import dev.muster.workflows.recording.CopiesQuestion;
import dev.muster.workflows.recovery.CanaryReading;
import dev.muster.workflows.recovery.CheckVerdict;
import dev.muster.workflows.recovery.RecoveredCopy;
import dev.muster.workflows.recovery.RecoveryActivities;
import dev.muster.workflows.recovery.Removed;
import dev.muster.workflows.recovery.RestoredCopy;
import dev.muster.workflows.recovery.ReturnedRows;
import dev.muster.workflows.run.RunRequest;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The host db1 and its site, without a database, but with the real host's decision before each step: it acts only with
 * an approval that its own keys verify.
 */
final class OrdersHost
        implements DatabaseObserver,
                RepositoryObserver,
                CopiesObserver,
                AdmissionActivities,
                BackupActivities,
                RecoveryActivities {
    private static final Instant NOW = Instant.parse("2026-11-21T09:30:00Z");
    private static final String CLUSTER = "7512345678901234567";
    private static final int VERSION = 180006;

    /** What was done, in order. */
    final List<String> done = new CopyOnWriteArrayList<>();

    private final HostAuthority authority;

    OrdersHost(HostAuthority authority) {
        this.authority = authority;
    }

    private void act(String step, StepType type, Authority shown) {
        ActivityWork.run(heartbeats -> {
            authority.plan(shown, type);
            authority.guard(shown);
            return done.add(step);
        });
    }

    @Override
    public CopiesObservation observeCopies(CopiesQuestion question) {
        RepositoryObservation seen = observeRepository(question.request());
        return new CopiesObservation(
                CopiesObservation.SCHEMA,
                question.system(),
                question.database(),
                question.repository(),
                "file:///mnt/" + question.repository(),
                NOW,
                true,
                seen.backups().stream()
                        .map(backup -> new CopiesObservation.Copy(
                                backup,
                                backup.stopTime(),
                                List.of(new CopiesObservation.Mark(
                                        "01KAJ00000000000000000MARK", "kim", "the audit", NOW, null)),
                                null,
                                null))
                        .toList(),
                List.of());
    }

    @Override
    public DatabaseObservation observeDatabase(RunRequest request) {
        return new DatabaseObservation(
                NOW,
                new DatabaseObservation.Live(
                        VERSION, CLUSTER, 1, WalPosition.parse("0/6000200"), 2_000_000_000L, true, false),
                "",
                new DatabaseObservation.CopySpace("/var/lib/muster/copies/run", 50_000_000_000L, ""));
    }

    @Override
    public RepositoryObservation observeRepository(RunRequest request) {
        return new RepositoryObservation(
                NOW.minusSeconds(1),
                List.of(new RepositoryObservation.Backup(
                        "01KAJ0000000000000000000BB",
                        "full",
                        CLUSTER,
                        VERSION,
                        1,
                        WalPosition.parse("0/4000028"),
                        WalPosition.parse("0/4000100"),
                        Instant.parse("2026-11-21T02:00:00Z"),
                        Instant.parse("2026-11-21T02:00:30Z"),
                        1_900_000_000L)),
                List.of(new RepositoryObservation.WalRange(
                        1, WalPosition.parse("0/1000000"), WalPosition.parse("0/6000000"))),
                List.of(),
                NOW.minusSeconds(2),
                List.of(new DestructiveTransaction(
                        771,
                        1,
                        WalPosition.parse("0/5000100"),
                        WalPosition.parse("0/5000140"),
                        Instant.parse("2026-11-21T09:21:00Z"),
                        List.of(new DestructiveTransaction.Relation("public.payments", 12_480)))),
                null,
                null,
                null);
    }

    @Override
    public String admit(Authority shown, PlanDocument plan) {
        return ActivityWork.run(heartbeats -> {
            String approver = authority.admit(shown, plan);
            done.add("AdmitRun");
            return approver;
        });
    }

    @Override
    public TakenBackup takeBackup(Authority shown) {
        act("TakeBackup", StepType.POSTGRES_BACKUP, shown);
        return new TakenBackup(
                "01KAJ0000000000000000000CC", "0/6000028", "0/6000100", 1_200, 2_000_000_000L, 600_000_000L, 0, 20, 15);
    }

    @Override
    public RestoredCopy restoreBackup(Authority shown) {
        act("RestoreBackup", StepType.POSTGRES_RESTORE, shown);
        return new RestoredCopy(
                "01KAJ0000000000000000000BB", "/var/lib/muster/copies/run", 1_200, 1_900_000_000L, 20, 15);
    }

    @Override
    public RecoveredCopy replayWal(Authority shown) {
        act("ReplayWal", StepType.POSTGRES_REPLAY, shown);
        return new RecoveredCopy("0/5000100", "just before transaction 771", "127.0.0.1", 5544, 1);
    }

    @Override
    public CheckVerdict checkCopy(Authority shown, String stepId) {
        ActivityWork.run(heartbeats -> {
            authority.plan(shown, stepId);
            authority.guard(shown);
            return done.add("CheckCopy " + stepId);
        });
        return new CheckVerdict(stepId, true, stepId + " holds");
    }

    @Override
    public CanaryReading readCanary(Authority shown) {
        act("ReadCanary", StepType.POSTGRES_CANARY, shown);
        return new CanaryReading(NOW.minusSeconds(541), NOW.minusSeconds(540), 1);
    }

    @Override
    public ReturnedRows returnRows(Authority shown) {
        act("ReturnRows", StepType.POSTGRES_RETURN_ROWS, shown);
        return new ReturnedRows(
                List.of(new ReturnedRows.Relation("public.payments", 12_480, 12_480, 0, 0)), NOW.plusSeconds(60));
    }

    @Override
    public Removed removeCopy(Authority shown) {
        act("RemoveCopy", StepType.POSTGRES_REMOVE_COPY, shown);
        return new Removed("/var/lib/muster/copies/run", true);
    }
}
