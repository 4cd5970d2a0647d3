package dev.muster.api.runs;

import dev.muster.catalog.RunRecord;
import dev.muster.workflows.run.RunStatus;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A run as it is listed. */
@Schema(name = "Run", description = "A run")
record RunView(
        @Schema(description = "A ULID", example = "01K0ABCDEFGHJKMNPQRSTVWXYZ")
        String id,

        @Schema(
                description = "In Temporal; runs that change a system share one, one after the other",
                example = "change/orders")
        String workflowId,

        String system,

        @Schema(description = "backup, point-in-time-recovery, restore-test, verify, replicate, expire")
        String scenario,

        @Schema(description = "Who asked for it, and cannot approve it")
        String requester,

        @Schema(description = "Whether it ends once its plan is made")
        boolean dryRun,

        @Schema(description = "PLANNING, WAITING_FOR_APPROVAL, EXECUTING, FINISHED")
        String state,

        @Schema(description = "PLANNED, SUCCEEDED, NOT_APPROVED, FAILED; absent until it ends") @Nullable String verdict,

        @Schema(description = "How it ended, in one line") @Nullable String summary,

        @Schema(description = "SHA-256 of the plan's bytes; absent until there is one") @Nullable String planHash,

        @Schema(description = "SHA-256 of the runbook's bytes") @Nullable String runbookHash,

        @Schema(description = "The schedule that started it; absent if a person did") @Nullable String schedule,

        @Schema(description = "Whom it waits for; absent when it waits for nobody") @Nullable Waiting waiting,

        Instant started,
        @Nullable Instant ended,

        @Schema(
                description = "Whether this is of this moment or final; false if it is the newest record of a run that"
                        + " does not answer now, or a list's")
        boolean live) {

    /** Whom a run waits for. */
    @Schema(description = "Whom a run waits for")
    record Waiting(
            @Schema(description = "The role that an approver needs")
            String role,

            @Schema(description = "The gate; absent in records") @Nullable String gate,

            @Schema(
                    description =
                            "The loss of data that the plan shows, in seconds of commits, and that an approval must"
                                    + " cover; absent if it is not known")
            @Nullable Long lossSeconds,

            @Nullable Instant since,
            @Nullable Instant until) {
        static Waiting of(RunStatus.Waiting waiting) {
            return new Waiting(
                    waiting.role(),
                    waiting.gate().name(),
                    waiting.lossSeconds() == Long.MAX_VALUE ? null : waiting.lossSeconds(),
                    waiting.since(),
                    waiting.until());
        }
    }

    /** From its record alone. */
    static RunView of(RunRecord run) {
        String role = run.waitingForRole();
        return new RunView(
                run.runId(),
                run.workflowId(),
                run.system(),
                run.scenario(),
                run.requester(),
                run.dryRun(),
                run.state(),
                run.verdict(),
                run.summary(),
                run.planHash(),
                run.runbookHash(),
                run.schedule(),
                role == null ? null : new Waiting(role, null, null, null, null),
                run.started(),
                run.ended(),
                run.ended() != null);
    }

    /** With what the run itself answered. */
    static RunView of(RunRecord run, RunStatus status) {
        RunStatus.Waiting waiting = status.waiting();
        return new RunView(
                run.runId(),
                run.workflowId(),
                run.system(),
                run.scenario(),
                run.requester(),
                run.dryRun(),
                status.state().name(),
                run.verdict(),
                run.summary(),
                status.planHash(),
                run.runbookHash(),
                run.schedule(),
                waiting == null ? null : Waiting.of(waiting),
                run.started(),
                run.ended(),
                true);
    }
}
