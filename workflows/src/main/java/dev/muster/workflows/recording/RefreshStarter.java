package dev.muster.workflows.recording;

import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.run.RunRequest;
import io.temporal.api.enums.v1.WorkflowIdConflictPolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;

/** Starts the refresh of a system's index, or finds the one that is under way. */
public final class RefreshStarter {
    private final WorkflowClient client;

    public RefreshStarter(WorkflowClient client) {
        this.client = client;
    }

    /**
     * @param system the system's name
     * @param thorough whether also what the stores prove of each backup is read
     * @return the refresh; its result is {@code RefreshIndex.Refreshed[]}
     */
    public WorkflowStub start(String system, RunRequest.SourceFile file, String requester, boolean thorough) {
        String workflowId = RefreshIndex.workflowId(system);
        try {
            WorkflowClient.start(
                    client.newWorkflowStub(
                            RefreshIndex.class,
                            WorkflowOptions.newBuilder()
                                    .setWorkflowId(workflowId)
                                    .setTaskQueue(TaskQueues.MUSTER)
                                    .setWorkflowIdConflictPolicy(
                                            WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_FAIL)
                                    .setStaticSummary("Look into the stores of " + system)
                                    .setStaticDetails("Requested by " + requester)
                                    .build())::refresh,
                    file,
                    requester,
                    thorough);
        } catch (WorkflowExecutionAlreadyStarted underWay) {
            // What it sees is as good as what another one would see.
            return client.newUntypedWorkflowStub(workflowId);
        }
        return client.newUntypedWorkflowStub(workflowId);
    }
}
