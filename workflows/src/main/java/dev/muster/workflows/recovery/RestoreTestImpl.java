package dev.muster.workflows.recovery;

import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunSkeleton;
import dev.muster.workflows.run.ScenarioRun;
import io.temporal.workflow.WorkflowInit;

/** The copy is a throw-away: it goes even when the test fails. */
public final class RestoreTestImpl extends ScenarioRun implements RestoreTest {
    @WorkflowInit
    public RestoreTestImpl(RunRequest request) {
        super(new RunSkeleton(request, "restore-test"));
    }

    @Override
    public RunReport run(RunRequest request) {
        return skeleton().carryOut(new CopyPhases(false));
    }
}
