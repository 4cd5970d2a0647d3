package dev.muster.workflows.recovery;

import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunSkeleton;
import dev.muster.workflows.run.ScenarioRun;
import io.temporal.workflow.WorkflowInit;

/** A failed recovery keeps its copy: it may be the only good one, and somebody will want to look. */
public final class PointInTimeRecoveryImpl extends ScenarioRun implements PointInTimeRecovery {
    @WorkflowInit
    public PointInTimeRecoveryImpl(RunRequest request) {
        super(new RunSkeleton(request, "point-in-time-recovery"));
    }

    @Override
    public RunReport run(RunRequest request) {
        return skeleton().carryOut(new CopyPhases(true));
    }
}
