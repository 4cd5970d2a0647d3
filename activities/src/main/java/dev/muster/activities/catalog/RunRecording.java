package dev.muster.activities.catalog;

import dev.muster.activities.ActivityWork;
import dev.muster.catalog.ApprovalRecord;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.RunRecord;
import dev.muster.catalog.StepRecord;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.workflows.recording.RecordedRun;
import dev.muster.workflows.recording.RecordingActivities;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.StepReport;
import io.temporal.activity.Activity;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowTargetOptions;
import io.temporal.common.converter.DefaultDataConverter;
import java.time.Clock;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs as the catalogue keeps them. */
public final class RunRecording implements RecordingActivities {
    private static final Logger log = LoggerFactory.getLogger(RunRecording.class);

    private final Catalog catalog;
    private final Clock clock;

    public RunRecording(Catalog catalog, Clock clock) {
        this.catalog = catalog;
        this.clock = clock;
    }

    @Override
    public String recordFiles(RunRequest request) {
        return ActivityWork.run(heartbeats -> {
            catalog.documents().put("system", request.system().text());
            return catalog.documents().put("runbook", request.runbook().text());
        });
    }

    @Override
    public void recordPlan(String json) {
        ActivityWork.run(heartbeats -> catalog.documents().put("plan", json));
    }

    @Override
    public void recordRun(RecordedRun run) {
        ActivityWork.run(heartbeats -> {
            boolean kept = catalog.runs()
                    .upsert(
                            record(run),
                            run.steps().stream().map(RunRecording::step).toList(),
                            run.answers().stream().map(RunRecording::approval).toList());
            prove(run);
            return kept;
        });
    }

    /** Also when the run's record is there already: a first attempt may have been cut between the two. */
    private void prove(RecordedRun run) {
        RunReport report = run.report();
        if (report == null || report.planHash() == null || !Proofs.tells(report)) {
            return;
        }
        Optional<String> stored = catalog.documents().find(report.planHash());
        if (stored.isEmpty()) {
            return; // It told of no plan, so nothing was done.
        }
        try {
            Plan plan = StoredPlan.read(stored.get(), report.planHash()).plan();
            catalog.proofs().keep(report.system(), plan.database().name(), Proofs.of(report, plan));
        } catch (RunbookException e) {
            log.warn("What the run {} proved of backups is not known: {}", run.runId(), e.getMessage());
        }
    }

    private static RunRecord record(RecordedRun run) {
        RecordedRun.End end = run.end();
        return new RunRecord(
                run.runId(),
                run.workflowId(),
                run.system(),
                run.scenario(),
                run.requester(),
                run.dryRun(),
                run.runbookHash(),
                run.planHash(),
                run.state().name(),
                end == null ? null : end.verdict().name(),
                end == null ? null : end.summary(),
                run.waitingForRole(),
                run.started(),
                end == null ? null : end.at(),
                run.revision(),
                run.report() == null ? null : json(run.report()),
                run.schedule());
    }

    /** As it stands in the run's own history. */
    private static String json(RunReport report) {
        return DefaultDataConverter.STANDARD_INSTANCE
                .toPayload(report)
                .orElseThrow()
                .getData()
                .toStringUtf8();
    }

    private static StepRecord step(StepReport step) {
        return new StepRecord(
                step.id(),
                step.title(),
                step.where(),
                step.state().name(),
                step.started(),
                step.ended(),
                step.detail());
    }

    private static ApprovalRecord approval(ApprovalAnswer answer) {
        return new ApprovalRecord(answer.accepted(), answer.code(), answer.approver(), answer.message(), answer.at());
    }

    @Override
    public RecordedRun.@Nullable End lookAfter(String workflowId, String executionId) {
        WorkflowClient temporal = Activity.getExecutionContext().getWorkflowClient();
        Optional<RecordedRun.End> end = ActivityWork.run(heartbeats -> end(temporal, workflowId, executionId));
        return end.orElse(null);
    }

    private Optional<RecordedRun.End> end(WorkflowClient temporal, String workflowId, String executionId) {
        WorkflowTargetOptions execution = WorkflowTargetOptions.newBuilder()
                .setWorkflowId(workflowId)
                .setRunId(executionId)
                .build();
        try {
            WorkflowExecutionDescription found =
                    temporal.newUntypedWorkflowStub(execution).describe();
            WorkflowExecutionStatus status = found.getStatus();
            if (status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING
                    || status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_PAUSED) {
                return Optional.empty();
            }
            Instant closed = found.getCloseTime();
            return Optional.of(ended(
                    "Temporal says " + status.name().replace("WORKFLOW_EXECUTION_STATUS_", "")
                            + "; the run itself could not tell how it ended.",
                    Objects.requireNonNullElseGet(closed, clock::instant)));
        } catch (WorkflowNotFoundException e) {
            return Optional.of(ended("Temporal no longer knows the run; how it ended is not known.", clock.instant()));
        }
    }

    private static RecordedRun.End ended(String summary, Instant at) {
        return new RecordedRun.End(RunReport.Verdict.FAILED, summary, at);
    }
}
