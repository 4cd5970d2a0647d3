package dev.muster.workflows.schedules;

import dev.muster.workflows.schedules.ScheduleStatus.LastRun;
import dev.muster.workflows.schedules.ScheduleStatus.State;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowTargetOptions;
import io.temporal.client.schedules.ScheduleActionExecutionStartWorkflow;
import io.temporal.client.schedules.ScheduleActionResult;
import io.temporal.client.schedules.ScheduleDescription;
import io.temporal.failure.ApplicationFailure;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How the last times of a schedule went. */
final class LastRuns {
    private final WorkflowClient client;

    LastRuns(WorkflowClient client) {
        this.client = client;
    }

    /** Newest first. */
    List<LastRun> of(ScheduleDescription description, int most) {
        return ScheduleFields.orEmpty(description.getInfo().getRecentActions()).stream()
                .sorted(Comparator.comparing(ScheduleActionResult::getStartedAt).reversed())
                .limit(most)
                .flatMap(result -> result.getAction() instanceof ScheduleActionExecutionStartWorkflow started
                        ? Stream.of(lastRun(result, started))
                        : Stream.empty())
                .toList();
    }

    private LastRun lastRun(ScheduleActionResult result, ScheduleActionExecutionStartWorkflow started) {
        WorkflowExecution execution = WorkflowExecution.newBuilder()
                .setWorkflowId(started.getWorkflowId())
                .setRunId(started.getFirstExecutionRunId())
                .build();
        WorkflowExecutionStatus status = status(execution);
        if (status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING) {
            return lastRun(result, started, State.RUNNING, null, "");
        }
        if (status == null) {
            return lastRun(result, started, State.UNKNOWN, null, "The server has forgotten it.");
        }
        WorkflowStub stub = client.newUntypedWorkflowStub(
                WorkflowTargetOptions.newBuilder()
                        .setWorkflowExecution(execution)
                        .build(),
                Optional.of(ScheduledRunRequest.WORKFLOW));
        try {
            ScheduledRunReport report = stub.getResult(ScheduledRunReport.class);
            return lastRun(result, started, State.valueOf(report.outcome().name()), report.runId(), report.reason());
        } catch (WorkflowFailedException e) {
            return e.getCause() instanceof ApplicationFailure failure
                    ? lastRun(result, started, State.FAILED, runId(failure), failure.getOriginalMessage())
                    : lastRun(result, started, State.UNKNOWN, null, "Ended from outside.");
        }
    }

    private static @Nullable String runId(ApplicationFailure failure) {
        if (failure.getDetails().getSize() == 0) {
            return null;
        }
        ScheduledRunReport report = failure.getDetails().get(0, ScheduledRunReport.class);
        return report == null ? null : report.runId();
    }

    private static LastRun lastRun(
            ScheduleActionResult result,
            ScheduleActionExecutionStartWorkflow started,
            State state,
            @Nullable String runId,
            String reason) {
        return new LastRun(
                result.getScheduledAt(), result.getStartedAt(), started.getWorkflowId(), state, runId, reason);
    }

    /** Null if it is past the server's retention. */
    private @Nullable WorkflowExecutionStatus status(WorkflowExecution execution) {
        try {
            return client.getWorkflowServiceStubs()
                    .blockingStub()
                    .describeWorkflowExecution(DescribeWorkflowExecutionRequest.newBuilder()
                            .setNamespace(client.getOptions().getNamespace())
                            .setExecution(execution)
                            .build())
                    .getWorkflowExecutionInfo()
                    .getStatus();
        } catch (io.grpc.StatusRuntimeException e) {
            if (e.getStatus().getCode() == io.grpc.Status.Code.NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }
}
