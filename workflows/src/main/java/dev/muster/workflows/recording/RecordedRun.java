package dev.muster.workflows.recording;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunStatus;
import dev.muster.workflows.run.StepReport;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of a run at one revision, as it goes into the catalogue.
 *
 * @param runbookHash SHA-256 of the runbook's bytes, hexadecimal
 * @param end how it ended; null until then
 * @param report null until it ended, and when it ended without one
 * @param schedule the full name of the schedule that started it; null if somebody did
 */
public record RecordedRun(
        String runId,
        String workflowId,
        String system,
        String scenario,
        String requester,
        boolean dryRun,
        String runbookHash,
        @Nullable String planHash,
        RunStatus.State state,
        @Nullable String waitingForRole,
        Instant started,
        long revision,
        List<StepReport> steps,
        List<ApprovalAnswer> answers,
        @Nullable End end,
        @Nullable RunReport report,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String schedule) {
    public RecordedRun {
        steps = List.copyOf(steps);
        answers = List.copyOf(answers);
    }

    /** @param summary one line */
    public record End(RunReport.Verdict verdict, String summary, Instant at) {}
}
