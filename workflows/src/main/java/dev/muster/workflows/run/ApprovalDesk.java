package dev.muster.workflows.run;

import dev.muster.runbooks.plan.Plan;
import dev.muster.workflows.approval.ApprovalRule;
import dev.muster.workflows.approval.Gate;
import dev.muster.workflows.planning.PlanDocument;
import dev.muster.workflows.planning.PlanningActivities;
import io.temporal.failure.ActivityFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Promise;
import io.temporal.workflow.TimerOptions;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Where a run waits for people, and what it answers to whoever presents an approval. Workflow code: deterministic. */
final class ApprovalDesk {
    private final RunStory story;
    private @Nullable Promise<Boolean> expiry;
    private @Nullable String approval;

    ApprovalDesk(RunStory story) {
        this.story = story;
    }

    /** The token of the approval that counts; null while none does. */
    @Nullable String approval() {
        return approval;
    }

    /** Waits for an approval of the plan as it stands; false if none comes in time. */
    boolean waitFor(Plan.ApprovalNeeded needed) {
        Instant since = RunSkeleton.now();
        Duration patience = Duration.ofSeconds(needed.expiresSeconds());
        story.waitFor(new RunStatus.Waiting(
                Gate.EXECUTE, needed.role(), RunSkeleton.mostLossSeconds(story.plan()), since, since.plus(patience)));
        boolean inTime = approvalComes(patience, needed.role());
        story.waitNoMore();
        return inTime;
    }

    private boolean approvalComes(Duration patience, String role) {
        TimerOptions summary = TimerOptions.newBuilder()
                .setSummary("Waits for an approval by a person with the role " + role)
                .build();
        CancellationScope wait = Workflow.newCancellationScope(
                () -> expiry = Workflow.newTimer(patience, summary).handle((nothing, failure) -> failure == null));
        wait.run();
        Promise<Boolean> over = RunStory.known(expiry, "expiry");
        Workflow.await(() -> approval != null || over.isCompleted());
        boolean inTime = !over.isCompleted();
        if (inTime && story.readable()) {
            wait.cancel("approved");
        }
        return inTime;
    }

    /** What was approved does not hold any more. */
    void voidApproval(String why) {
        approval = null;
        story.withdrawn(new ApprovalAnswer(false, "PLAN_CHANGED", "", why, RunSkeleton.now()));
    }

    /** Presents an approval token, from the Update or the Signal. */
    ApprovalAnswer present(String token) {
        ApprovalAnswer answer = judge(token);
        story.answered(answer);
        return answer;
    }

    private ApprovalAnswer judge(String token) {
        if (token.equals(approval)) {
            return refused("ALREADY_APPROVED", "This approval was accepted before; nothing more is needed.");
        }
        RunStatus.Waiting asking = story.waiting();
        if (asking == null) {
            return refused(
                    "NOT_WAITING",
                    story.state() == RunStatus.State.PLANNING
                            ? "There is no plan yet. Hint: wait until the run shows its plan, read it, then approve."
                            : "The run does not wait for an approval (" + story.state() + ").");
        }
        PlanDocument asked = story.document();
        ApprovalRule rule = new ApprovalRule(
                Workflow.getInfo().getWorkflowId(),
                story.request().runId(),
                asking.gate(),
                asked.hash(),
                story.request().requester(),
                asking.role(),
                asking.lossSeconds());
        ApprovalAnswer answer;
        try {
            answer = Activities.control(PlanningActivities.class, "Verify an approval")
                    .verifyApproval(token, rule);
        } catch (ActivityFailure e) {
            // Out of a Signal's handler it would end the run, and anybody who reaches Temporal can send a Signal.
            return refused("UNEXPECTED", "The approval could not be verified: " + StepFailures.message(e));
        }
        if (!answer.accepted()) {
            return answer;
        }
        // Both may have changed while the answer was on its way.
        if (approval != null) {
            return refused("ALREADY_APPROVED", "Another approval was accepted just before.");
        }
        if (story.waiting() == null || !asked.hash().equals(story.document().hash())) {
            return refused("NOT_WAITING", "The run stopped waiting while the approval was verified.");
        }
        approval = token;
        return answer;
    }

    private static ApprovalAnswer refused(String code, String message) {
        return new ApprovalAnswer(false, code, "", message, RunSkeleton.now());
    }
}
