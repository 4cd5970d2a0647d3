package dev.muster.workflows.recording;

import dev.muster.workflows.run.RunRequest;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import org.jspecify.annotations.Nullable;

/** What goes into the catalogue about runs, on the queue of the workers that reach it. All may be repeated. */
@ActivityInterface
public interface RecordingActivities {
    /**
     * Keeps the run's files.
     *
     * @return SHA-256 of the runbook's bytes, hexadecimal
     */
    @ActivityMethod(name = "RecordFiles")
    String recordFiles(RunRequest request);

    /** Keeps a plan's stored bytes. */
    @ActivityMethod(name = "RecordPlan")
    void recordPlan(String json);

    /** Keeps the run, unless a later revision of it is kept already. */
    @ActivityMethod(name = "RecordRun")
    void recordRun(RecordedRun run);

    /** How an execution ended that may have had no chance to tell; null while it runs. Asks Temporal. */
    @ActivityMethod(name = "LookAfterRun")
    RecordedRun.@Nullable End lookAfter(String workflowId, String executionId);
}
