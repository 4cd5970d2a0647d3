package dev.muster.workflows.schedules;

import dev.muster.workflows.run.RunReport;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of one of a schedule's times.
 *
 * @param schema version of this record, {@link #SCHEMA}
 * @param schedule the schedule's full name
 * @param scheduledFor what the timetable said, with jitter; null where the server did not say
 * @param runId null if no run was started
 * @param reason one line: the run's summary, or why there is none
 * @param report the run's own; null if no run was started
 */
public record ScheduledRunReport(
        int schema,
        String schedule,
        Outcome outcome,
        @Nullable Instant scheduledFor,
        @Nullable String runId,
        @Nullable String workflowId,
        String reason,
        @Nullable RunReport report) {
    public static final int SCHEMA = 1;

    /** A failed run is no outcome: it fails the workflow, as it fails the run. */
    public enum Outcome {
        SUCCEEDED,
        /** Nobody approved in time; nothing was done. */
        NOT_APPROVED,
        /** Another run changes the system; this time passes without a run. */
        SKIPPED,
        /** In the details of the workflow's failure. */
        FAILED
    }
}
