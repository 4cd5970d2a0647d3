package dev.muster.workflows.recovery;

import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.steps.Phase;
import dev.muster.runbooks.steps.StepType;
import dev.muster.workflows.run.Activities;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunSkeleton;
import dev.muster.workflows.run.StepResult;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The phases that a point-in-time recovery and a restore test share: restore a copy, replay it to the target, check
 * it, bring its rows back, remove it. The order is fixed here; the plan says what each phase holds.
 */
final class CopyPhases implements RunSkeleton.Phases {
    private static final Logger LOG = Workflow.getLogger(CopyPhases.class);

    private @Nullable Instant proven;

    @Override
    public RunReport.Results execute(RunSkeleton run) {
        Plan.Copy copy = Objects.requireNonNull(run.plan().copy());
        boolean done = false;
        try {
            RunReport.Results results = useCopy(run);
            done = true;
            return results;
        } finally {
            if ((done ? copy.afterwards() : copy.afterFailure()) == Runbook.Afterwards.REMOVE) {
                remove(run, done);
            }
        }
    }

    private RunReport.Results useCopy(RunSkeleton run) {
        RestoredCopy restored = only(run, StepType.POSTGRES_RESTORE, host -> host.restoreBackup(run.authority()));
        RecoveredCopy recovered = only(run, StepType.POSTGRES_REPLAY, host -> host.replayWal(run.authority()));
        List<CheckVerdict> checks = new ArrayList<>();
        CanaryReading canary = null;
        for (Plan.PlannedStep step : run.plan().steps(Phase.VERIFY)) {
            if (step.type() == StepType.POSTGRES_CANARY) {
                canary = carryOut(run, step, host -> host.readCanary(run.authority()));
            } else {
                checks.add(carryOut(run, step, host -> host.checkCopy(run.authority(), step.id())));
            }
        }
        proven = RunSkeleton.now();
        ReturnedRows returned = null;
        if (run.plan().step(StepType.POSTGRES_RETURN_ROWS).isPresent()) {
            returned = only(run, StepType.POSTGRES_RETURN_ROWS, host -> host.returnRows(run.authority()));
            proven = returned.verifiedAt();
        }
        return new RunReport.Results(null, restored, recovered, List.copyOf(checks), canary, returned);
    }

    private static <T extends StepResult> T only(
            RunSkeleton run, StepType type, Function<RecoveryActivities, T> activity) {
        return carryOut(run, run.plan().step(type).orElseThrow(), activity);
    }

    private static <T extends StepResult> T carryOut(
            RunSkeleton run, Plan.PlannedStep step, Function<RecoveryActivities, T> activity) {
        return run.carryOut(step, () -> activity.apply(Activities.of(step, RecoveryActivities.class)));
    }

    /** After a failure its own failure is only noted: the first cause is what people must see. */
    private static void remove(RunSkeleton run, boolean done) {
        // Detached: a cancelled run cleans up after itself too.
        CancellationScope scope = Workflow.newDetachedCancellationScope(
                () -> only(run, StepType.POSTGRES_REMOVE_COPY, host -> host.removeCopy(run.authority())));
        try {
            scope.run();
        } catch (TemporalFailure e) {
            if (done) {
                throw e;
            }
            LOG.warn("The copy could not be removed after the run had failed; remove it by hand", e);
        }
    }

    @Override
    public RunReport.Objectives objectives(RunSkeleton run, RunReport.Results results) {
        Plan plan = run.plan();
        Instant fault = plan.forecast().faultAt();
        Instant from = fault == null ? run.started() : fault;
        Instant to = proven == null ? RunSkeleton.now() : proven;
        CanaryReading canary = results.canary();
        return new RunReport.Objectives(
                plan.promised().rtoSeconds(),
                (to.toEpochMilli() - from.toEpochMilli()) / 1000.0,
                from,
                to,
                (fault == null ? "from the start of the run" : "from the commit of the fault, detection included,")
                        + " to the verified end",
                plan.promised().rpoSeconds(),
                canary == null ? null : canary.rpoSeconds(),
                canary == null ? "not measured: no canary rows" : "newest canary row on the recovered copy");
    }
}
