package dev.muster.workflows.recovery;

import dev.muster.workflows.run.Run;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * Brings a database back to a point: a copy beside the live database, replayed to the point and checked; then, by the
 * runbook's outcome, the lost rows go back into the live database or the copy is kept.
 */
@WorkflowInterface
public interface PointInTimeRecovery extends Run {
    @WorkflowMethod(name = "PointInTimeRecovery")
    RunReport run(RunRequest request);
}
