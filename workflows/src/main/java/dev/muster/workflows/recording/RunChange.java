package dev.muster.workflows.recording;

import dev.muster.workflows.planning.PlanDocument;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunStatus;
import dev.muster.workflows.run.StepReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is new in a run. Only what changed, or a run of hundreds of steps would outgrow its history by telling of them.
 *
 * @param revision rises with each change of the run
 * @param plan the plan, in the change that brings it
 * @param planHash of the plan that is in force; null if there is none
 * @param waitingForRole whose approval it waits for; null if it waits for nobody
 * @param steps those that are new or differ from what was told before
 * @param answers those that are new
 * @param report in the last change, which stands alone: it has every step and every answer again
 */
public record RunChange(
        long revision,
        RunStatus.State state,
        @Nullable PlanDocument plan,
        @Nullable String planHash,
        @Nullable String waitingForRole,
        List<Step> steps,
        List<Answer> answers,
        @Nullable RunReport report) {
    public RunChange {
        steps = List.copyOf(steps);
        answers = List.copyOf(answers);
    }

    /** @param position in the run, from 0 */
    public record Step(int position, StepReport step) {}

    /** @param position in the run, from 0 */
    public record Answer(int position, ApprovalAnswer answer) {}
}
