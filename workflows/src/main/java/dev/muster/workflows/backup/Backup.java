package dev.muster.workflows.backup;

import dev.muster.workflows.run.Run;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Takes a backup of a database into its repository. */
@WorkflowInterface
public interface Backup extends Run {
    @WorkflowMethod(name = "Backup")
    RunReport run(RunRequest request);
}
