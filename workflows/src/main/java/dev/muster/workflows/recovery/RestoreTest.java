package dev.muster.workflows.recovery;

import dev.muster.workflows.run.Run;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Proves that a backup restores: a throw-away copy, replayed, checked, timed, torn down, recorded. */
@WorkflowInterface
public interface RestoreTest extends Run {
    @WorkflowMethod(name = "RestoreTest")
    RunReport run(RunRequest request);
}
