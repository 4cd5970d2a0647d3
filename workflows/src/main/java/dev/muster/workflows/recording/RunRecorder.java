package dev.muster.workflows.recording;

import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * Keeps a run's record in the catalogue beside the run, which tells it what is new and never waits for it. Its id is
 * {@code record/<run id>}; it ends when the run's end is kept, however long the catalogue was away.
 */
@WorkflowInterface
public interface RunRecorder {
    @WorkflowMethod(name = "RunRecorder")
    void record(RecordingStart start);

    /** Something is new in the run. Signals may come twice and in any order. */
    @SignalMethod(description = "The run tells what is new")
    void changed(RunChange change);

    /** The id of the recorder of a run. */
    static String workflowId(String runId) {
        return "record/" + runId;
    }
}
