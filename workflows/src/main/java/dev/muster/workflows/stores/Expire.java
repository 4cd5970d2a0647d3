package dev.muster.workflows.stores;

import dev.muster.workflows.run.Run;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Takes away backups of a database that no rule keeps. */
@WorkflowInterface
public interface Expire extends Run {
    @WorkflowMethod(name = "Expire")
    RunReport run(RunRequest request);
}
