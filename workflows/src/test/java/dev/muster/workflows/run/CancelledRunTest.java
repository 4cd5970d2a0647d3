package dev.muster.workflows.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.recording.RecordedRun;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.CanceledFailure;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs that somebody cancels in Temporal, at each of their steps. */
class CancelledRunTest {
    private final RunWorld world = RunWorld.startRecorded();

    @AfterEach
    void close() {
        world.close();
    }

    private void expectStopped(WorkflowStub run) {
        assertThatThrownBy(() -> world.result(run)).hasCauseInstanceOf(CanceledFailure.class);
        world.recorder(RunWorld.RUN).getResult(Void.class);
        RecordedRun record = world.catalog.record(RunWorld.RUN);
        RecordedRun.End end = Objects.requireNonNull(record.end());
        assertThat(end.verdict()).isEqualTo(RunReport.Verdict.FAILED);
        assertThat(end.summary()).startsWith("RUN_STOPPED: ").contains("Hint: ");
        assertThat(record.steps()).extracting(StepReport::state).doesNotContain(StepReport.State.RUNNING);
    }

    @ParameterizedTest
    @CsvSource({
        "VERIFY, ObserveRepository",
        "VERIFY, site:AdmitRun",
        "VERIFY, VerifyStore",
        "REPLICATE, ReplicateStore replicate-offsite",
        "EXPIRE, ExpireStore",
        "BACKUP, TakeBackup"
    })
    @DisplayName("A run that is cancelled at any of its steps ends, says so, and is recorded")
    void atAStep(Scenario scenario, String activity) {
        CountDownLatch held = world.calls.hold(activity);
        WorkflowStub run = world.run(scenario);
        await().atMost(Duration.ofSeconds(20)).until(() -> world.calls.count(activity) > 0);
        run.cancel();
        try {
            expectStopped(run);
        } finally {
            held.countDown();
        }
    }

    @Test
    @DisplayName("A run that is cancelled while it waits for its approval ends, and nothing was touched")
    void whileItWaits() {
        WorkflowStub run = world.starter.start(
                Scenario.EXPIRE, "orders", RunWorld.request(RunWorld.RUN, false, StoreRunTest.EXPIRE_BY_DBA));
        world.untilWaiting(run);
        run.cancel();
        expectStopped(run);
        assertThat(world.calls.count("ExpireStore")).isZero();
    }
}
