package dev.muster.workflows.stores;

import dev.muster.workflows.run.Run;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Copies a database's backups and WAL to other repositories of its system. */
@WorkflowInterface
public interface Replicate extends Run {
    @WorkflowMethod(name = "Replicate")
    RunReport run(RunRequest request);
}
