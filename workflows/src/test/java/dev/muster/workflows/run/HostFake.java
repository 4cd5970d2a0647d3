package dev.muster.workflows.run;

import dev.muster.runbooks.observation.DatabaseObservation;
import dev.muster.workflows.authority.AdmissionActivities;
import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.backup.BackupActivities;
import dev.muster.workflows.backup.TakenBackup;
import dev.muster.workflows.planning.DatabaseObserver;
import dev.muster.workflows.planning.PlanDocument;
import dev.muster.workflows.recovery.CanaryReading;
import dev.muster.workflows.recovery.CheckVerdict;
import dev.muster.workflows.recovery.RecoveredCopy;
import dev.muster.workflows.recovery.RecoveryActivities;
import dev.muster.workflows.recovery.Removed;
import dev.muster.workflows.recovery.RestoredCopy;
import dev.muster.workflows.recovery.ReturnedRows;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The host db1 without a database: it remembers what was asked of it and under which authority. */
final class HostFake implements DatabaseObserver, AdmissionActivities, BackupActivities, RecoveryActivities {
    private final Calls calls;
    private final OrdersState state;

    /** Every authority that a step showed. */
    final Set<Authority> authorities = ConcurrentHashMap.newKeySet();

    HostFake(Calls calls, OrdersState state) {
        this.calls = calls;
        this.state = state;
    }

    private void made(String activity, Authority authority) {
        authorities.add(authority);
        calls.made(activity);
    }

    @Override
    public DatabaseObservation observeDatabase(RunRequest request) {
        calls.made("ObserveDatabase");
        return state.database();
    }

    @Override
    public String admit(Authority authority, PlanDocument plan) {
        made("AdmitRun", authority);
        return authority.approval() == null ? "" : "alice";
    }

    @Override
    public TakenBackup takeBackup(Authority authority) {
        made("TakeBackup", authority);
        return new TakenBackup(
                "01KAJ0000000000000000000CC", "0/6000028", "0/6000100", 1_200, 2_000_000_000L, 600_000_000L, 0, 20, 15);
    }

    @Override
    public RestoredCopy restoreBackup(Authority authority) {
        made("RestoreBackup", authority);
        return new RestoredCopy(
                "01KAJ0000000000000000000BB", "/var/lib/muster/copies/run", 1_200, 1_900_000_000L, 20, 15);
    }

    @Override
    public RecoveredCopy replayWal(Authority authority) {
        made("ReplayWal", authority);
        return new RecoveredCopy("0/5000100", "just before transaction 771", "127.0.0.1", 5544, 1);
    }

    @Override
    public CheckVerdict checkCopy(Authority authority, String stepId) {
        made("CheckCopy " + stepId, authority);
        return new CheckVerdict(stepId, true, stepId + " holds");
    }

    @Override
    public CanaryReading readCanary(Authority authority) {
        made("ReadCanary", authority);
        return new CanaryReading(OrdersState.NOW.minusSeconds(541), OrdersState.NOW.minusSeconds(540), 1);
    }

    @Override
    public ReturnedRows returnRows(Authority authority) {
        made("ReturnRows", authority);
        return new ReturnedRows(
                List.of(new ReturnedRows.Relation("public.payments", 12_480, 12_480, 0, 0)),
                OrdersState.NOW.plusSeconds(60));
    }

    @Override
    public Removed removeCopy(Authority authority) {
        made("RemoveCopy", authority);
        return new Removed("/var/lib/muster/copies/run", true);
    }
}
