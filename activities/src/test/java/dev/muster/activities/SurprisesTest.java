package dev.muster.activities;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.storage.StoreException;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SurprisesTest {
    private final AtomicInteger attempts = new AtomicInteger();

    /** A step's work. */
    @ActivityInterface
    public interface Step {
        int work();
    }

    /** A run of one step. */
    @WorkflowInterface
    public interface OneStep {
        @WorkflowMethod
        int run();
    }

    /** With retries as steps have them. */
    public static final class OneStepImpl implements OneStep {
        @Override
        public int run() {
            return Workflow.newActivityStub(
                            Step.class,
                            ActivityOptions.newBuilder()
                                    .setStartToCloseTimeout(Duration.ofHours(24))
                                    .build())
                    .work();
        }
    }

    private int run(Step step) {
        try (TestWorkflowEnvironment environment = TestWorkflowEnvironment.newInstance()) {
            var worker = environment.newWorker("queue");
            worker.registerWorkflowImplementationTypes(OneStepImpl.class);
            worker.registerActivitiesImplementations(step);
            environment.start();
            return environment
                    .getWorkflowClient()
                    .newWorkflowStub(
                            OneStep.class,
                            WorkflowOptions.newBuilder().setTaskQueue("queue").build())
                    .run();
        }
    }

    @Test
    @DisplayName("Repository and stores 6: after a long outage one read that breaks off does not end the run")
    void oneSurpriseAfterAnOutage() {
        int last = run(() -> ActivityWork.run(heartbeats -> {
            int attempt = attempts.incrementAndGet();
            if (attempt <= 20) {
                throw new StoreException("STORE_UNREACHABLE", "nobody answers", "Is it up?");
            }
            if (attempt == 21) {
                throw new IOException("the answer broke off");
            }
            return attempt;
        }));
        assertThat(last).isEqualTo(22);
    }

    @Test
    @DisplayName("A fault without a name that comes back each time is shown to people")
    void eachTime() {
        assertThatThrownBy(() -> run(() -> ActivityWork.run(heartbeats -> {
                    attempts.incrementAndGet();
                    throw new IOException("strange");
                })))
                .hasStackTraceContaining("UNEXPECTED: java.io.IOException: strange");
        assertThat(attempts).hasValue(10);
    }
}
