package dev.muster.workflows.run;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.backup.Backup;
import dev.muster.workflows.recovery.PointInTimeRecovery;
import dev.muster.workflows.recovery.RestoreTest;
import dev.muster.workflows.stores.Expire;
import dev.muster.workflows.stores.Replicate;
import dev.muster.workflows.stores.Verify;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowIdConflictPolicy;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowServiceException;
import io.temporal.client.WorkflowStub;
import io.temporal.common.converter.DataConverterException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts runs, one change of a system at a time. */
public final class RunStarter {
    private static final Logger log = LoggerFactory.getLogger(RunStarter.class);

    /** A worker that died in a workflow task is replaced at once: recoveries do not wait for a polite time-out. */
    static final Duration WORKFLOW_TASK = Duration.ofSeconds(3);

    private static final long READ_SECONDS = 10;

    private final WorkflowClient client;

    public RunStarter(WorkflowClient client) {
        this.client = client;
    }

    /**
     * Starts the run, or finds it if this very run (by its ULID) was started before and its answer was lost.
     *
     * @return a handle of the running workflow
     * @throws ChangeUnderWayException if another run changes the system just now
     */
    public WorkflowStub start(Scenario scenario, String system, RunRequest request) {
        String workflowId = workflowId(scenario, system, request);
        WorkflowOptions plain = options(scenario, system, request);
        WorkflowOptions findable = plain.toBuilder()
                .setTypedSearchAttributes(RunAttributes.atStart(scenario, system))
                .build();
        try {
            try {
                start(scenario, findable, request);
            } catch (WorkflowServiceException e) {
                if (!attributesAreRefused(e)) {
                    throw e;
                }
                log.warn(
                        "The run {} starts without search attributes, which this Temporal server does not know: {}."
                                + " A control worker registers them when it starts, if it may.",
                        request.runId(),
                        e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
                start(scenario, plain, request);
            }
        } catch (WorkflowExecutionAlreadyStarted e) {
            Optional<RunRequest> other = newest(workflowId);
            if (other.filter(found -> found.runId().equals(request.runId())).isEmpty()) {
                throw new ChangeUnderWayException(system, other, e);
            }
        }
        return client.newUntypedWorkflowStub(workflowId);
    }

    /**
     * Whether the run was started, and no later one has its workflow id. Temporal answers this by itself: a start that is
     * repeated while no control worker runs must not wait for one, and not start a run again that has ended.
     */
    public boolean wasStarted(Scenario scenario, String system, RunRequest request) {
        return newest(workflowId(scenario, system, request))
                .filter(found -> found.runId().equals(request.runId()))
                .isPresent();
    }

    /** What the newest workflow of this id was started with; empty if there is none, or it was not started as a run. */
    private Optional<RunRequest> newest(String workflowId) {
        try {
            HistoryEvent begin = client.getWorkflowServiceStubs()
                    .blockingStub()
                    .withDeadlineAfter(READ_SECONDS, TimeUnit.SECONDS)
                    .getWorkflowExecutionHistory(GetWorkflowExecutionHistoryRequest.newBuilder()
                            .setNamespace(client.getOptions().getNamespace())
                            .setExecution(WorkflowExecution.newBuilder().setWorkflowId(workflowId))
                            .setMaximumPageSize(1)
                            .build())
                    .getHistory()
                    .getEvents(0);
            // Null for a start without input.
            return Optional.ofNullable(client.getOptions()
                    .getDataConverter()
                    .fromPayloads(
                            0,
                            Optional.of(begin.getWorkflowExecutionStartedEventAttributes()
                                    .getInput()),
                            RunRequest.class,
                            RunRequest.class));
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
                throw e;
            }
            return Optional.empty();
        } catch (DataConverterException e) {
            log.warn("The workflow {} has the id of a run and was not started as one", workflowId, e);
            return Optional.empty();
        }
    }

    private static WorkflowOptions options(Scenario scenario, String system, RunRequest request) {
        String workflowId = workflowId(scenario, system, request);
        return WorkflowOptions.newBuilder()
                .setWorkflowId(workflowId)
                .setTaskQueue(TaskQueues.MUSTER)
                .setWorkflowTaskTimeout(WORKFLOW_TASK)
                .setWorkflowIdConflictPolicy(WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_FAIL)
                .setWorkflowIdReusePolicy(reuse(workflowId, request))
                .setStaticSummary(summary(scenario, system, request))
                .setStaticDetails(details(system, request))
                .build();
    }

    static String details(String system, RunRequest request) {
        return "Run `" + request.runId() + "` of the runbook `"
                + request.runbook().name() + "` for the system `" + system
                + "`, asked for by " + request.requester()
                + ". The current details say where it is; the query `plan` is what an approver reads.";
    }

    static String summary(Scenario scenario, String system, RunRequest request) {
        String what = switch (scenario) {
            case BACKUP -> "Backup of ";
            case POINT_IN_TIME_RECOVERY -> "Point-in-time recovery of ";
            case RESTORE_TEST -> "Restore test of ";
            case VERIFY -> "Verification of the backups of ";
            case REPLICATE -> "Replication of the backups of ";
            case EXPIRE -> "Expiry of backups of ";
        };
        return what + system + (request.dryRun() ? ", plan only" : "") + ", asked for by " + request.requester();
    }

    private void start(Scenario scenario, WorkflowOptions options, RunRequest request) {
        // Each interface by its own type, so that a changed signature is a compile error here.
        switch (scenario) {
            case BACKUP -> WorkflowClient.start(client.newWorkflowStub(Backup.class, options)::run, request);
            case POINT_IN_TIME_RECOVERY ->
                WorkflowClient.start(client.newWorkflowStub(PointInTimeRecovery.class, options)::run, request);
            case RESTORE_TEST -> WorkflowClient.start(client.newWorkflowStub(RestoreTest.class, options)::run, request);
            case VERIFY -> WorkflowClient.start(client.newWorkflowStub(Verify.class, options)::run, request);
            case REPLICATE -> WorkflowClient.start(client.newWorkflowStub(Replicate.class, options)::run, request);
            case EXPIRE -> WorkflowClient.start(client.newWorkflowStub(Expire.class, options)::run, request);
        }
    }

    /** A list to find runs in is no reason to refuse a recovery. */
    private static boolean attributesAreRefused(WorkflowServiceException e) {
        if (!(e.getCause() instanceof StatusRuntimeException refusal)
                || refusal.getStatus().getCode() != Status.Code.INVALID_ARGUMENT) {
            return false;
        }
        String why = String.valueOf(refusal.getStatus().getDescription()).toLowerCase(Locale.ROOT);
        return why.contains("search attribute");
    }

    /** An id of the run's own is used once, so that a start whose answer was lost never does finished work again. */
    static WorkflowIdReusePolicy reuse(String workflowId, RunRequest request) {
        return workflowId.endsWith(request.runId())
                ? WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE
                : WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE;
    }

    /**
     * The workflow id. Of runs that change a system there is at most one at a time, so they share one id; a run that
     * only looks, or only plans, has its own.
     */
    public static String workflowId(Scenario scenario, String system, RunRequest request) {
        return scenario.changesSystem() && !request.dryRun()
                ? "change/" + system
                : scenario.id() + "/" + system + "/" + request.runId();
    }
}
