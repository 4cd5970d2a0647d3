package dev.muster.workflows.recording;

import dev.muster.workflows.planning.Places;
import dev.muster.workflows.run.RunRequest;
import java.time.Instant;

/**
 * Of which run a recorder keeps the record.
 *
 * @param schema version of this record, {@link #SCHEMA}
 * @param workflowId the run's workflow id, which several runs of one system share
 * @param executionId Temporal's own id of this run's execution, which tells them apart
 * @param scenario such as {@code backup}
 * @param started by Temporal's clock
 */
public record RecordingStart(
        int schema,
        RunRequest request,
        String workflowId,
        String executionId,
        String scenario,
        Places places,
        Instant started) {
    public static final int SCHEMA = 1;

    public RecordingStart {
        if (schema != SCHEMA) {
            throw new IllegalArgumentException("Unknown version of a recording's start: " + schema);
        }
    }
}
