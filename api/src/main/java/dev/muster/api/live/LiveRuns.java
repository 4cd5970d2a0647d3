package dev.muster.api.live;

import dev.muster.api.problem.ApiException;
import dev.muster.api.problem.Translation;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunStatus;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.workflowservice.v1.GetSystemInfoRequest;
import io.temporal.client.UpdateOptions;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateStage;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks runs themselves, by their workflows. What they answer is of this moment; a record may lag behind. */
public final class LiveRuns {
    private static final Logger log = LoggerFactory.getLogger(LiveRuns.class);

    /** While Temporal is away, reads do not wait for it each time. */
    private static final Duration PAUSE_AFTER_SILENCE = Duration.ofSeconds(2);

    private static final Duration LONGEST_UPDATE = Duration.ofSeconds(15);

    private final WorkflowClient client;
    private final ExecutorService updates;
    private final AtomicLong silentUntil = new AtomicLong(Long.MIN_VALUE);

    /** @param updates runs what may have to be given up; bounded */
    public LiveRuns(WorkflowClient client, ExecutorService updates) {
        this.client = client;
        this.updates = updates;
    }

    /** Where the run is; empty if it does not answer now, or is over and forgotten. */
    public Optional<RunStatus> status(String workflowId, String runId) {
        if (System.nanoTime() < silentUntil.get() && silentUntil.get() != Long.MIN_VALUE) {
            return Optional.empty();
        }
        try {
            return Optional.of(stub(workflowId).query("status", RunStatus.class))
                    // Changes of a system share one workflow id; a later one may have it now.
                    .filter(status -> status.runId().equals(runId));
        } catch (WorkflowNotFoundException e) {
            return Optional.empty();
        } catch (WorkflowException | StatusRuntimeException e) {
            if (Translation.temporalIsAway(e)) {
                silentUntil.set(System.nanoTime() + PAUSE_AFTER_SILENCE.toNanos());
            }
            log.debug("No status of {}", workflowId, e);
            return Optional.empty();
        }
    }

    /** The plan's stored bytes as text; empty if the run does not answer or has none yet. */
    public Optional<String> plan(String workflowId) {
        try {
            return Optional.ofNullable(stub(workflowId).query("plan", String.class))
                    .filter(plan -> !plan.isEmpty());
        } catch (WorkflowException | StatusRuntimeException e) {
            log.debug("No plan of {}", workflowId, e);
            return Optional.empty();
        }
    }

    /**
     * Presents an approval's token and waits for the answer.
     *
     * @param id of the approval: presenting it twice is presenting it once
     * @throws ApiException APPROVAL_UNANSWERED if no answer came in time, or TEMPORAL_UNREACHABLE
     */
    public ApprovalAnswer approve(String workflowId, String id, String token) {
        CompletableFuture<ApprovalAnswer> answer = CompletableFuture.supplyAsync(
                () -> stub(workflowId)
                        .startUpdate(
                                UpdateOptions.newBuilder(ApprovalAnswer.class)
                                        .setUpdateName("approve")
                                        .setUpdateId(id)
                                        .setWaitForStage(WorkflowUpdateStage.ACCEPTED)
                                        .build(),
                                token)
                        .getResult(),
                updates);
        try {
            return answer.get(LONGEST_UPDATE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw unanswered(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unanswered(e);
        } catch (ExecutionException e) {
            throw refused(e.getCause() == null ? e : e.getCause());
        }
    }

    private static RuntimeException refused(Throwable cause) {
        if (cause instanceof WorkflowNotFoundException) {
            return notWaiting("the run is over").because(cause);
        }
        if (cause instanceof StatusRuntimeException grpc
                && grpc.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
            return unanswered(cause);
        }
        return Translation.of(cause)
                .map(RuntimeException.class::cast)
                .orElseGet(() -> new IllegalStateException("The approval could not be presented", cause));
    }

    private static ApiException unanswered(Throwable cause) {
        return new ApiException(
                        503,
                        "APPROVAL_UNANSWERED",
                        "The run did not answer in time; whether the approval counts is not known.",
                        "Is a control worker running? Look at the run's approvals before you approve again.")
                .because(cause);
    }

    /** An approval that the run does not wait for. */
    public static ApiException notWaiting(String why) {
        return new ApiException(
                409,
                "NOT_WAITING",
                "The run does not wait for an approval: " + why + ".",
                "Look at the run: it may not have its plan yet, or be past the gate.");
    }

    /** @throws RuntimeException if Temporal does not answer within seconds */
    public void check() {
        client.getWorkflowServiceStubs()
                .blockingStub()
                .withDeadlineAfter(2, TimeUnit.SECONDS)
                .getSystemInfo(GetSystemInfoRequest.getDefaultInstance());
    }

    private WorkflowStub stub(String workflowId) {
        return client.newUntypedWorkflowStub(workflowId);
    }
}
