package dev.muster.workflows.run;

import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.steps.StepBounds;
import dev.muster.workflows.FailureType;
import dev.muster.workflows.TaskQueues;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.Arrays;

/** Stubs of activities with the bounds that their place asks for. */
public final class Activities {
    /**
     * A worker that is away this long is reported instead of waited for. The step was not started then, so its outcome
     * is known.
     */
    static final Duration LONGEST_WAIT_FOR_A_WORKER = Duration.ofMinutes(15);

    /** A killed worker's step is given to the next one after this. Long enough for a busy machine's pauses. */
    public static final Duration HEARTBEAT = Duration.ofSeconds(10);

    private static final Duration LONGEST_STEP = Duration.ofHours(24);
    private static final Duration LONGEST_QUESTION = Duration.ofSeconds(30);

    private static final Duration LONGEST_LOOK = Duration.ofMinutes(30);
    private static final int MOST_LOOKS = 8;

    /** All decisions and maps of a large repository are read over a slow line for this long at most. */
    private static final Duration LONGEST_PATIENT_LOOK = Duration.ofHours(6);

    private static final Duration PATIENT_PAUSE = Duration.ofSeconds(30);

    private Activities() {}

    /** Short questions to the control plane, asked until answered: a control worker that is away delays, never fails. */
    public static <T> T control(Class<T> type, String summary) {
        return Workflow.newActivityStub(
                type,
                ActivityOptions.newBuilder()
                        .setTaskQueue(TaskQueues.CONTROL)
                        .setSummary(summary)
                        .setStartToCloseTimeout(LONGEST_QUESTION)
                        .setHeartbeatTimeout(HEARTBEAT)
                        .setScheduleToCloseTimeout(LONGEST_STEP)
                        .setRetryOptions(retries(Duration.ofSeconds(10)))
                        .build());
    }

    /** A look at one place before anything is touched: answered soon, or the run ends. */
    public static <T> T question(String taskQueue, Class<T> type, String summary) {
        return Workflow.newActivityStub(
                type,
                ActivityOptions.newBuilder()
                        .setTaskQueue(taskQueue)
                        .setSummary(summary)
                        .setScheduleToStartTimeout(LONGEST_WAIT_FOR_A_WORKER)
                        .setStartToCloseTimeout(LONGEST_LOOK)
                        .setScheduleToCloseTimeout(LONGEST_WAIT_FOR_A_WORKER.plus(LONGEST_LOOK))
                        .setHeartbeatTimeout(HEARTBEAT)
                        .setRetryOptions(RetryOptions.newBuilder(retries(Duration.ofSeconds(5)))
                                .setMaximumAttempts(MOST_LOOKS)
                                .build())
                        .build());
    }

    /**
     * The same look where nobody waits for the answer: a backup, or what is done with backups, is not missed because the
     * store was away when its time had come. As patient as a step, but for a worker that is away.
     */
    public static <T> T patientQuestion(String taskQueue, Class<T> type, String summary) {
        return Workflow.newActivityStub(
                type,
                ActivityOptions.newBuilder()
                        .setTaskQueue(taskQueue)
                        .setSummary(summary)
                        .setScheduleToStartTimeout(LONGEST_WAIT_FOR_A_WORKER)
                        .setStartToCloseTimeout(LONGEST_PATIENT_LOOK)
                        .setScheduleToCloseTimeout(LONGEST_STEP)
                        .setHeartbeatTimeout(HEARTBEAT)
                        .setRetryOptions(retries(PATIENT_PAUSE))
                        .build());
    }

    /** A planned step's work in its place, within the plan's own bounds, kept alive by heartbeats. */
    public static <T> T of(Plan.PlannedStep step, Class<T> type) {
        StepBounds bounds = step.bounds();
        return Workflow.newActivityStub(
                type,
                ActivityOptions.newBuilder()
                        .setTaskQueue(step.queue())
                        .setSummary(step.title())
                        .setScheduleToStartTimeout(Duration.ofSeconds(bounds.waitForWorkerSeconds()))
                        .setStartToCloseTimeout(Duration.ofSeconds(bounds.attemptSeconds()))
                        .setScheduleToCloseTimeout(Duration.ofSeconds(bounds.overallSeconds()))
                        .setHeartbeatTimeout(Duration.ofSeconds(bounds.heartbeatSeconds()))
                        .setRetryOptions(retries(Duration.ofSeconds(bounds.longestPauseSeconds())))
                        .build());
    }

    private static RetryOptions retries(Duration longestPause) {
        return RetryOptions.newBuilder()
                .setInitialInterval(Duration.ofSeconds(1))
                .setBackoffCoefficient(2)
                .setMaximumInterval(longestPause)
                .setDoNotRetry(Arrays.stream(FailureType.values())
                        .filter(type -> !type.retryable())
                        .map(Enum::name)
                        .toArray(String[]::new))
                .build();
    }
}
