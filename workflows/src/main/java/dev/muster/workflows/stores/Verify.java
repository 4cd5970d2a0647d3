package dev.muster.workflows.stores;

import dev.muster.workflows.run.Run;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Looks whether what a database's repository holds is still what was stored. */
@WorkflowInterface
public interface Verify extends Run {
    @WorkflowMethod(name = "Verify")
    RunReport run(RunRequest request);
}
