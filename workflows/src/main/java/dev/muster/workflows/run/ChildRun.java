package dev.muster.workflows.run;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.FailureType;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.backup.Backup;
import dev.muster.workflows.recovery.PointInTimeRecovery;
import dev.muster.workflows.recovery.RestoreTest;
import dev.muster.workflows.stores.Expire;
import dev.muster.workflows.stores.Replicate;
import dev.muster.workflows.stores.Verify;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.ChildWorkflowFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.ChildWorkflowCancellationType;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;

/**
 * A run that a workflow starts, under the same ids and rules as {@link RunStarter}'s. It is a run of its own: whoever
 * ends the parent does not end it. Workflow code.
 */
public final class ChildRun {
    private final String workflowId;
    private final boolean changeUnderWay;
    private final Promise<RunReport> result;

    private ChildRun(String workflowId, boolean changeUnderWay, Promise<RunReport> result) {
        this.workflowId = workflowId;
        this.changeUnderWay = changeUnderWay;
        this.result = result;
    }

    /** Starts the run and waits until it is started, or until it is known that another change is in its way. */
    public static ChildRun start(Scenario scenario, String system, RunRequest request) {
        String workflowId = RunStarter.workflowId(scenario, system, request);
        ChildWorkflowOptions.Builder builder = ChildWorkflowOptions.newBuilder()
                .setWorkflowId(workflowId)
                .setTaskQueue(TaskQueues.MUSTER)
                .setWorkflowTaskTimeout(RunStarter.WORKFLOW_TASK)
                .setWorkflowIdReusePolicy(RunStarter.reuse(workflowId, request))
                .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON)
                .setCancellationType(ChildWorkflowCancellationType.ABANDON)
                .setStaticSummary(RunStarter.summary(scenario, system, request))
                .setStaticDetails(RunStarter.details(system, request));
        if (RunAttributes.areRegistered()) {
            builder.setTypedSearchAttributes(RunAttributes.atStart(scenario, system));
        }
        ChildWorkflowOptions options = builder.build();
        // Each interface by its own type, so that a changed signature is a compile error here.
        return switch (scenario) {
            case BACKUP -> {
                Backup stub = Workflow.newChildWorkflowStub(Backup.class, options);
                yield started(workflowId, Async.function(stub::run, request), Workflow.getWorkflowExecution(stub));
            }
            case POINT_IN_TIME_RECOVERY -> {
                PointInTimeRecovery stub = Workflow.newChildWorkflowStub(PointInTimeRecovery.class, options);
                yield started(workflowId, Async.function(stub::run, request), Workflow.getWorkflowExecution(stub));
            }
            case RESTORE_TEST -> {
                RestoreTest stub = Workflow.newChildWorkflowStub(RestoreTest.class, options);
                yield started(workflowId, Async.function(stub::run, request), Workflow.getWorkflowExecution(stub));
            }
            case VERIFY -> {
                Verify stub = Workflow.newChildWorkflowStub(Verify.class, options);
                yield started(workflowId, Async.function(stub::run, request), Workflow.getWorkflowExecution(stub));
            }
            case REPLICATE -> {
                Replicate stub = Workflow.newChildWorkflowStub(Replicate.class, options);
                yield started(workflowId, Async.function(stub::run, request), Workflow.getWorkflowExecution(stub));
            }
            case EXPIRE -> {
                Expire stub = Workflow.newChildWorkflowStub(Expire.class, options);
                yield started(workflowId, Async.function(stub::run, request), Workflow.getWorkflowExecution(stub));
            }
        };
    }

    private static ChildRun started(String workflowId, Promise<RunReport> result, Promise<WorkflowExecution> started) {
        try {
            started.get();
            return new ChildRun(workflowId, false, result);
        } catch (ChildWorkflowFailure e) {
            if (e.getCause() instanceof WorkflowExecutionAlreadyStarted) {
                return new ChildRun(workflowId, true, result);
            }
            throw e;
        }
    }

    public String workflowId() {
        return workflowId;
    }

    /** Whether another run had the id, so that this one was not started. */
    public boolean changeUnderWay() {
        return changeUnderWay;
    }

    /** @throws TemporalFailure as the run failed; see {@link #failure} */
    public RunReport result() {
        return result.get();
    }

    /** What a failed run itself said, without the wrappers around it; a run that was ended by hand says so. */
    public static ApplicationFailure failure(TemporalFailure failure) {
        if (failure instanceof ChildWorkflowFailure && failure.getCause() instanceof ApplicationFailure said) {
            return said;
        }
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return ApplicationFailure.newNonRetryableFailure(
                "RUN_ENDED_OUTSIDE: the run was ended from outside: " + cause.getMessage()
                        + " Hint: who ended it, and what has it left? Look at its steps.",
                FailureType.UNEXPECTED.name());
    }
}
