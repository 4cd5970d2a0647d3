package dev.muster.workflows.run;

import dev.muster.workflows.approval.Gate;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a run is.
 *
 * @param planHash null until there is a plan
 * @param waiting what it waits for; null when it waits for nobody
 * @param answers each approval presented so far, refused ones too
 */
public record RunStatus(
        String runId,
        String workflowId,
        String requester,
        State state,
        @Nullable String planHash,
        @Nullable Waiting waiting,
        List<StepReport> steps,
        List<ApprovalAnswer> answers) {
    public enum State {
        PLANNING,
        WAITING_FOR_APPROVAL,
        EXECUTING,
        FINISHED
    }

    /**
     * Who is waited for.
     *
     * @param lossSeconds the loss of data that the plan shows and an approval must cover
     */
    public record Waiting(Gate gate, String role, long lossSeconds, Instant since, Instant until) {}
}
