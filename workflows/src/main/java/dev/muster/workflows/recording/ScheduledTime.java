package dev.muster.workflows.recording;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of one of a schedule's times, as the catalogue's log has it.
 *
 * @param schema version of this record, {@link #SCHEMA}
 * @param schedule the schedule's full name
 * @param due what the timetable said, with jitter
 * @param at when this was so; of two entries of one time the later counts
 * @param runId null if no run was started
 * @param detail one line
 */
public record ScheduledTime(
        int schema,
        String schedule,
        Instant due,
        Instant at,
        Outcome outcome,
        @Nullable String runId,
        String detail) {
    public static final int SCHEMA = 1;

    public ScheduledTime {
        if (schema != SCHEMA) {
            throw new IllegalArgumentException("Unknown version of a scheduled time: " + schema);
        }
    }

    /** Where it stands. */
    public enum Outcome {
        /** And it is not known here how the run ended: it is under way, or nobody waited for its end. */
        STARTED,
        SUCCEEDED,
        NOT_APPROVED,
        /** Nothing was started. */
        SKIPPED,
        FAILED
    }
}
