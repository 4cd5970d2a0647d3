package dev.muster.workflows.recording;

import dev.muster.workflows.planning.PlanDocument;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunStatus;
import dev.muster.workflows.run.StepReport;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.failure.ChildWorkflowFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.ChildWorkflowCancellationType;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.SignalExternalWorkflowException;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The run's side of its recording: starts the recorder and tells it what is new. Nothing here depends on the catalogue,
 * and a recorder that is lost loses the record, never the run. Workflow code.
 */
public final class RunJournal {
    private static final Logger log = Workflow.getLogger(RunJournal.class);
    private static final Duration WORKFLOW_TASK = Duration.ofSeconds(3);

    private final RunRecorder recorder;
    private long revision;
    private @Nullable String planTold;
    private List<StepReport> stepsTold = List.of();
    private int answersTold;

    private RunJournal(String recorderId) {
        recorder = Workflow.newExternalWorkflowStub(RunRecorder.class, recorderId);
    }

    /** Starts the recorder and waits for no more than its start. */
    public static RunJournal open(RecordingStart start) {
        String id = RunRecorder.workflowId(start.request().runId());
        RunRecorder child = Workflow.newChildWorkflowStub(
                RunRecorder.class,
                ChildWorkflowOptions.newBuilder()
                        .setWorkflowId(id)
                        .setWorkflowTaskTimeout(WORKFLOW_TASK)
                        // The record of a cancelled run is kept too.
                        .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON)
                        .setCancellationType(ChildWorkflowCancellationType.ABANDON)
                        .setStaticSummary("Record of the run " + start.request().runId())
                        .build());
        Workflow.newDetachedCancellationScope(() -> {
                    var unused = Async.procedure(child::record, start);
                    try {
                        Workflow.getWorkflowExecution(child).get();
                    } catch (ChildWorkflowFailure e) {
                        // There already, after a reset of this run: it listens to the same id.
                        log.warn("The recorder {} was not started: {}", id, e.getMessage());
                    }
                })
                .run();
        return new RunJournal(id);
    }

    /** Tells what is new, without waiting until it is heard. */
    public void tell(RunStatus status, @Nullable PlanDocument plan) {
        RunChange change = change(status, plan, null);
        Workflow.newDetachedCancellationScope(() -> {
                    var unused = Async.procedure(() -> signal(change));
                })
                .run();
    }

    /** Tells the end and waits until it is heard: a workflow that has ended sends nothing more. */
    public void end(RunStatus status, @Nullable PlanDocument plan, RunReport report) {
        RunChange change = change(status, plan, report);
        Workflow.newDetachedCancellationScope(() -> signal(change)).run();
    }

    private void signal(RunChange change) {
        try {
            recorder.changed(change);
        } catch (SignalExternalWorkflowException | TemporalFailure e) {
            log.warn("The recorder is gone, so this run has no complete record: {}", e.getMessage());
        }
    }

    private RunChange change(RunStatus status, @Nullable PlanDocument plan, @Nullable RunReport report) {
        // By the clock, so that a run that was reset to an earlier point still tells higher revisions than before.
        revision = Math.max(revision + 1, Workflow.currentTimeMillis());
        boolean newPlan = plan != null && !plan.hash().equals(planTold);
        RunStatus.Waiting waiting = status.waiting();
        RunChange change = new RunChange(
                revision,
                report == null ? status.state() : RunStatus.State.FINISHED,
                newPlan ? plan : null,
                status.planHash(),
                waiting == null ? null : waiting.role(),
                newSteps(status.steps()),
                newAnswers(status.answers()),
                report);
        planTold = status.planHash();
        stepsTold = status.steps();
        answersTold = status.answers().size();
        return change;
    }

    private List<RunChange.Step> newSteps(List<StepReport> steps) {
        List<RunChange.Step> found = new ArrayList<>();
        for (int position = 0; position < steps.size(); position++) {
            StepReport step = steps.get(position);
            if (position >= stepsTold.size() || !step.equals(stepsTold.get(position))) {
                found.add(new RunChange.Step(position, step));
            }
        }
        return found;
    }

    private List<RunChange.Answer> newAnswers(List<ApprovalAnswer> answers) {
        List<RunChange.Answer> found = new ArrayList<>();
        for (int position = answersTold; position < answers.size(); position++) {
            found.add(new RunChange.Answer(position, answers.get(position)));
        }
        return found;
    }
}
