package dev.muster.workflows.run;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.backup.Backup;
import dev.muster.workflows.recovery.PointInTimeRecovery;
import dev.muster.workflows.recovery.RestoreTest;
import io.temporal.api.enums.v1.WorkflowIdConflictPolicy;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.time.Duration;

/** Starts runs, one change of a system at a time. */
public final class RunStarter {
    /** A worker that died in a workflow task is replaced at once: recoveries do not wait for a polite time-out. */
    static final Duration WORKFLOW_TASK = Duration.ofSeconds(3);

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
        WorkflowOptions options = WorkflowOptions.newBuilder()
                .setWorkflowId(workflowId)
                .setTaskQueue(TaskQueues.MUSTER)
                .setWorkflowTaskTimeout(WORKFLOW_TASK)
                .setWorkflowIdConflictPolicy(WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_FAIL)
                .setWorkflowIdReusePolicy(reuse(workflowId, request))
                .setStaticSummary(summary(scenario, system, request))
                .setStaticDetails(details(request))
                .build();
        try {
            // Each interface by its own type, so that a changed signature is a compile error here.
            switch (scenario) {
                case BACKUP -> WorkflowClient.start(client.newWorkflowStub(Backup.class, options)::run, request);
                case POINT_IN_TIME_RECOVERY ->
                    WorkflowClient.start(client.newWorkflowStub(PointInTimeRecovery.class, options)::run, request);
                case RESTORE_TEST ->
                    WorkflowClient.start(client.newWorkflowStub(RestoreTest.class, options)::run, request);
            }
        } catch (WorkflowExecutionAlreadyStarted e) {
            RunStatus other = client.newWorkflowStub(Run.class, workflowId).status();
            if (!other.runId().equals(request.runId())) {
                throw new ChangeUnderWayException(system, other, e);
            }
        }
        return client.newUntypedWorkflowStub(workflowId);
    }

    static String summary(Scenario scenario, String system, RunRequest request) {
        return scenario.id() + " of " + system + (request.dryRun() ? ", plan only" : "");
    }

    static String details(RunRequest request) {
        return "Run `" + request.runId() + "`, requested by " + request.requester() + ", runbook "
                + request.runbook().name();
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
