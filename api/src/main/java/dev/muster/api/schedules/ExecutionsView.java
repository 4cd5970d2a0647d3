package dev.muster.api.schedules;

import dev.muster.catalog.ScheduleExecution;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A page of a schedule's log. */
@Schema(name = "ScheduleExecutions", description = "A page of a schedule's log, newest first")
record ExecutionsView(
        @Schema(description = "In full: <system>/<name>") String schedule,
        List<Execution> executions,

        @Schema(description = "What `before` of the next page is; absent at the end") @Nullable Instant next) {

    /** One of its times. */
    @Schema(name = "ScheduleExecution", description = "What became of one of a schedule's times")
    record Execution(
            @Schema(description = "When it was due, jitter included")
            Instant due,

            @Schema(description = "When this was so") Instant at,

            @Schema(description = "STARTED, SUCCEEDED, NOT_APPROVED, SKIPPED, FAILED")
            String outcome,

            @Schema(description = "The run's ULID; absent if none was started") @Nullable String runId,

            @Schema(description = "One line") String detail) {
        static Execution of(ScheduleExecution execution) {
            return new Execution(
                    execution.due(), execution.at(), execution.outcome(), execution.runId(), execution.detail());
        }
    }

    static ExecutionsView of(String schedule, List<ScheduleExecution> found, int limit) {
        return new ExecutionsView(
                schedule,
                found.stream().map(Execution::of).toList(),
                found.size() < limit ? null : found.get(found.size() - 1).due());
    }
}
