package dev.muster.api.schedules;

import dev.muster.workflows.schedules.ScheduleStatus;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A schedule as it is on the server. */
@Schema(name = "Schedule", description = "A schedule as it is on the Temporal server")
record ScheduleView(
        @Schema(description = "In full: <system>/<name>", example = "orders/backup-daily")
        String name,

        String scenario,

        @Schema(description = "The name of the runbook's file")
        String runbook,

        @Schema(description = "As written when it was applied, else what the server has")
        List<String> crons,

        String timeZone,
        long jitterSeconds,

        @Schema(description = "skip, buffer-one; another if another tool changed it")
        String overlap,

        long catchUpSeconds,
        boolean paused,

        @Schema(description = "Of the last pause, resume or apply; may be empty")
        String note,

        @Schema(description = "The next times, jitter included; none while it is paused")
        List<Instant> next,

        @Schema(description = "Its last runs, newest first; one in a list")
        List<LastRun> last,

        @Schema(description = "Runs so far") long started,

        @Schema(description = "Times that passed because nobody could start them within the catch-up window")
        long missed,

        @Schema(description = "Times that passed because the previous run was under way")
        long skipped) {

    /** How one of its times went. */
    @Schema(name = "ScheduledRun", description = "How one of a schedule's times went")
    record LastRun(
            Instant scheduledFor,
            Instant started,

            @Schema(description = "Of the workflow that the schedule started")
            String workflowId,

            @Schema(description = "RUNNING, SUCCEEDED, NOT_APPROVED, SKIPPED, FAILED, UNKNOWN")
            String state,

            @Schema(description = "The run's ULID; absent while it is under way or if there was none") @Nullable String runId,

            @Schema(description = "One line; empty while it is under way")
            String reason) {
        static LastRun of(ScheduleStatus.LastRun last) {
            return new LastRun(
                    last.scheduledFor(),
                    last.started(),
                    last.workflowId(),
                    last.state().name(),
                    last.runId(),
                    last.reason());
        }
    }

    static ScheduleView of(ScheduleStatus status) {
        return new ScheduleView(
                status.name(),
                status.scenario(),
                status.runbook(),
                status.crons(),
                status.timeZone(),
                status.jitterSeconds(),
                status.overlap(),
                status.catchUpSeconds(),
                status.paused(),
                status.note(),
                status.next(),
                status.last().stream().map(LastRun::of).toList(),
                status.started(),
                status.missed(),
                status.skipped());
    }
}
