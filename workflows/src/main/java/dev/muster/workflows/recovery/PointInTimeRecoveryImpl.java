package dev.muster.workflows.recovery;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunSkeleton;
import dev.muster.workflows.run.ScenarioRun;
import io.temporal.workflow.WorkflowInit;

/** Approved before it acts; its copy and what becomes of it are the plan's. */
public final class PointInTimeRecoveryImpl extends ScenarioRun implements PointInTimeRecovery {
    @WorkflowInit
    public PointInTimeRecoveryImpl(RunRequest request) {
        super(new RunSkeleton(request, Scenario.POINT_IN_TIME_RECOVERY));
    }

    @Override
    public RunReport run(RunRequest request) {
        return skeleton().carryOut(new CopyPhases());
    }
}
