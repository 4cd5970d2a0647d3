package dev.muster.workflows.schedules;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A schedule as it is on the server.
 *
 * @param name in full, {@code <system>/<name>}
 * @param runbook the name of the runbook's file
 * @param crons as written when it was applied, else what the server has
 * @param note of the last pause, resume or apply; empty if there is none
 * @param next the next times, jitter included; empty while it is paused
 * @param last its last runs, newest first
 * @param started runs so far
 * @param missed times that passed because nobody could start them within the catch-up window
 * @param skipped times that passed because the previous run was under way
 */
public record ScheduleStatus(
        String name,
        String scenario,
        String runbook,
        List<String> crons,
        String timeZone,
        long jitterSeconds,
        String overlap,
        long catchUpSeconds,
        boolean paused,
        String note,
        List<Instant> next,
        List<LastRun> last,
        long started,
        long missed,
        long skipped) {
    public ScheduleStatus {
        crons = List.copyOf(crons);
        next = List.copyOf(next);
        last = List.copyOf(last);
    }

    /** How one of its times went. */
    public enum State {
        RUNNING,
        SUCCEEDED,
        NOT_APPROVED,
        SKIPPED,
        FAILED,
        /** Ended by hand, or past the server's retention. */
        UNKNOWN
    }

    /**
     * One of its times.
     *
     * @param workflowId of the workflow that the schedule started
     * @param runId the run's; null while it is under way or if there was none
     * @param reason one line; empty while it is under way
     */
    public record LastRun(
            Instant scheduledFor,
            Instant started,
            String workflowId,
            State state,
            @Nullable String runId,
            String reason) {}
}
