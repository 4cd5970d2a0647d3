package dev.muster.workflows.schedules;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * What a schedule starts at each of its times: it makes the run's id, starts the run as its child, and ends with it, so
 * that "the previous one is still under way" means the run.
 */
@WorkflowInterface
public interface ScheduledRun {
    @WorkflowMethod(name = ScheduledRunRequest.WORKFLOW)
    ScheduledRunReport run(ScheduledRunRequest request);
}
