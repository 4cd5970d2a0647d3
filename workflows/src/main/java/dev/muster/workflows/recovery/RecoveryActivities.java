package dev.muster.workflows.recovery;

import dev.muster.workflows.authority.Authority;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;

/**
 * A copy of a database, on the host queue. What to restore, where and to which point stands in the plan that the host
 * admitted, not in the arguments, so that made-up arguments change nothing. Each may be called again at any time: it
 * goes on from what is on the host's disk.
 */
@ActivityInterface
public interface RecoveryActivities {
    /** Restores the plan's backup into the copy's directory. Resumes a killed attempt of the same run. */
    @ActivityMethod(name = "RestoreBackup")
    RestoredCopy restoreBackup(Authority authority);

    /** Starts the copy and replays WAL to the target, where it pauses; adopts one that runs already. */
    @ActivityMethod(name = "ReplayWal")
    RecoveredCopy replayWal(Authority authority);

    /** Makes the check that the plan's step of this id names. A check that does not hold is a CHECK_FAILED failure. */
    @ActivityMethod(name = "CheckCopy")
    CheckVerdict checkCopy(Authority authority, String stepId);

    /** Reads the newest canary on the copy. */
    @ActivityMethod(name = "ReadCanary")
    CanaryReading readCanary(Authority authority);

    /**
     * Brings the rows that the plan's destructive transaction deleted back from the copy into the live database, in
     * one transaction there, then reads them back and compares.
     */
    @ActivityMethod(name = "ReturnRows")
    ReturnedRows returnRows(Authority authority);

    /** Stops the copy and removes its directory. */
    @ActivityMethod(name = "RemoveCopy")
    Removed removeCopy(Authority authority);
}
