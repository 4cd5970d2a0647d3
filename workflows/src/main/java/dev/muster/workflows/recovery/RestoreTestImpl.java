package dev.muster.workflows.recovery;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunSkeleton;
import dev.muster.workflows.run.ScenarioRun;
import io.temporal.workflow.WorkflowInit;

/** Touches nothing live, so nobody has to approve; the copy goes even when the test fails. */
public final class RestoreTestImpl extends ScenarioRun implements RestoreTest {
    @WorkflowInit
    public RestoreTestImpl(RunRequest request) {
        super(new RunSkeleton(request, Scenario.RESTORE_TEST));
    }

    @Override
    public RunReport run(RunRequest request) {
        return skeleton().carryOut(new CopyPhases());
    }
}
