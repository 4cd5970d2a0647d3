package dev.muster.workflows.recovery;

import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.planning.PlanGuide;
import dev.muster.workflows.run.Activities;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunSkeleton;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The phases that a point-in-time recovery and a restore test share: restore a copy, replay it to the target, check
 * it, read its newest canary, use it, remove it. The order is fixed here.
 */
final class CopyPhases implements RunSkeleton.Phases {
    private static final Logger LOG = Workflow.getLogger(CopyPhases.class);

    /** Whether the copy outlives a failed run, so that somebody can look at it. */
    private final boolean keptOnFailure;

    private @Nullable Instant usable;

    CopyPhases(boolean keptOnFailure) {
        this.keptOnFailure = keptOnFailure;
    }

    @Override
    public RunReport.Results execute(RunSkeleton run) {
        boolean done = false;
        try {
            RunReport.Results results = useCopy(run);
            done = true;
            return results;
        } finally {
            boolean remove = done ? run.guide().copyRemovedAfterwards() : !keptOnFailure;
            if (remove) {
                remove(run, done);
            }
        }
    }

    private RunReport.Results useCopy(RunSkeleton run) {
        RestoredCopy restored = run.onHost(
                "restore",
                "Restore the backup beside the live database",
                () -> on(run, "Restore the backup").restoreBackup(run.authority()));
        RecoveredCopy recovered = run.onHost(
                "replay",
                "Replay WAL to the target, stay in recovery",
                () -> on(run, "Replay WAL to the target").replayWal(run.authority()));
        List<CheckVerdict> checks = new ArrayList<>();
        for (PlanGuide.PlannedCheck check : run.guide().checks()) {
            checks.add(run.onHost(
                    check.id(), check.title(), () -> on(run, check.title()).checkCopy(run.authority(), check.id())));
        }
        CanaryReading canary = run.onHost(
                "canary",
                "Read the newest canary: the recovery point, measured",
                () -> on(run, "Read the newest canary").readCanary(run.authority()));
        ReturnedRows returned = null;
        if (run.guide().returnsRows()) {
            returned = run.onHost(
                    "return-rows",
                    "Bring the deleted rows back into the live database",
                    () -> on(run, "Bring the deleted rows back").returnRows(run.authority()));
            usable = returned.verifiedAt();
        } else {
            usable = RunSkeleton.now();
        }
        return new RunReport.Results(null, restored, recovered, List.copyOf(checks), canary, returned);
    }

    /** After a failure its own failure is only noted: the first cause is what people must see. */
    private static void remove(RunSkeleton run, boolean done) {
        // Detached: a cancelled run cleans up after itself too.
        CancellationScope scope = Workflow.newDetachedCancellationScope(() -> run.onHost(
                "remove-copy",
                "Stop and remove the copy",
                () -> on(run, "Stop and remove the copy").removeCopy(run.authority())));
        try {
            scope.run();
        } catch (TemporalFailure e) {
            if (done) {
                throw e;
            }
            LOG.warn("The copy could not be removed after the run had failed; remove it by hand", e);
        }
    }

    private static RecoveryActivities on(RunSkeleton run, String summary) {
        return Activities.at(TaskQueues.host(run.places().host()), RecoveryActivities.class, summary);
    }

    @Override
    public RunReport.Objectives objectives(RunSkeleton run, RunReport.Results results) {
        PlanGuide guide = run.guide();
        Instant fault = guide.faultAt();
        Instant from = fault == null ? run.started() : fault;
        Instant to = usable == null ? RunSkeleton.now() : usable;
        CanaryReading canary = results.canary();
        return new RunReport.Objectives(
                guide.rtoPromisedSeconds(),
                (to.toEpochMilli() - from.toEpochMilli()) / 1000.0,
                from,
                to,
                (fault == null ? "from the start of the run" : "from the commit of the fault, detection included,")
                        + " to the verified end",
                guide.rpoPromisedSeconds(),
                canary == null ? null : canary.rpoSeconds(),
                canary == null ? "not measured: no canary rows" : "newest canary row on the recovered copy");
    }
}
