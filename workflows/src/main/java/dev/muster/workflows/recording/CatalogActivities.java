package dev.muster.workflows.recording;

import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.run.Activities;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import io.temporal.workflow.Workflow;
import java.time.Duration;

/**
 * Stubs of activities on the queue of the workers that reach the catalogue. It is a queue of its own, so that attempts
 * against a catalogue that is down take no place from the activities that runs wait for.
 */
final class CatalogActivities {
    private static final Duration ATTEMPT = Duration.ofMinutes(1);
    private static final Duration LONGEST_OUTAGE = Duration.ofDays(30);
    private static final Duration LONGEST_PATIENCE = Duration.ofMinutes(10);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    private CatalogActivities() {}

    /** Tries until the catalogue is back, for a month. */
    static <T> T patient(Class<T> type) {
        return within(LONGEST_OUTAGE, type);
    }

    /** For what somebody waits for. */
    static <T> T asked(Class<T> type) {
        return within(LONGEST_PATIENCE, type);
    }

    private static <T> T within(Duration overall, Class<T> type) {
        return Workflow.newActivityStub(
                type,
                ActivityOptions.newBuilder()
                        .setTaskQueue(TaskQueues.CATALOG)
                        .setStartToCloseTimeout(ATTEMPT)
                        .setHeartbeatTimeout(Activities.HEARTBEAT)
                        .setScheduleToCloseTimeout(overall)
                        .setRetryOptions(RetryOptions.newBuilder()
                                .setInitialInterval(Duration.ofSeconds(1))
                                .setBackoffCoefficient(2)
                                .setMaximumInterval(LONGEST_PAUSE)
                                .build())
                        .build());
    }
}
