package dev.muster.workflows.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.FailureType;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.recording.CopiesObservation;
import dev.muster.workflows.recording.RecordedRun;
import dev.muster.workflows.recording.RefreshIndex;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A run's record in the catalogue: complete when the catalogue is there, later when it is not, never in the run's way. */
class RecordedRunTest {
    private final RunWorld world = RunWorld.startRecorded();

    @AfterEach
    void close() {
        world.close();
    }

    private RecordedRun recorded(String runId) {
        world.recorder(runId).getResult(Void.class);
        return world.catalog.record(runId);
    }

    @Test
    void theRecordHasTheRunsPlanStepsAnswersAndEnd() {
        WorkflowStub run = world.run(Scenario.POINT_IN_TIME_RECOVERY);
        world.handle(run).approve("no token at all");
        ApprovalAnswer answer = world.approve(run);
        RunReport report = world.result(run);

        RecordedRun record = recorded(RunWorld.RUN);
        assertThat(record.state()).isEqualTo(RunStatus.State.FINISHED);
        assertThat(record.report()).isEqualTo(report);
        assertThat(record.end())
                .isEqualTo(new RecordedRun.End(RunReport.Verdict.SUCCEEDED, report.summary(), report.ended()));
        assertThat(record.steps()).isEqualTo(report.steps());
        assertThat(record.answers()).isEqualTo(report.answers()).hasSize(2).contains(answer);
        assertThat(record.workflowId()).isEqualTo("change/orders");
        assertThat(record.requester()).isEqualTo(RunWorld.REQUESTER);
        assertThat(record.runbookHash()).isEqualTo(CatalogFake.RUNBOOK_HASH);
        assertThat(record.planHash()).isEqualTo(report.planHash());
        assertThat(world.catalog.plans)
                .singleElement()
                .satisfies(plan -> assertThat(plan).contains(RunWorld.RUN));
    }

    @Test
    void whileTheRunWaitsTheRecordSaysForWhom() {
        WorkflowStub run = world.run(Scenario.POINT_IN_TIME_RECOVERY);
        RunStatus waiting = world.untilWaiting(run);

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            RecordedRun record = world.catalog.record(RunWorld.RUN);
            assertThat(record.state()).isEqualTo(RunStatus.State.WAITING_FOR_APPROVAL);
            assertThat(record.waitingForRole()).isEqualTo("approver");
            assertThat(record.planHash()).isEqualTo(waiting.planHash());
            assertThat(record.end()).isNull();
            assertThat(record.steps()).isEqualTo(waiting.steps());
        });
    }

    @Test
    void aRunEndsAndTheNextBeginsWhileTheCatalogueIsAwayAndBothRecordsAppearWhenItIsBack() {
        world.catalog.down = true;
        WorkflowStub run = world.run(Scenario.POINT_IN_TIME_RECOVERY);
        world.approve(run);
        RunReport report = world.result(run);
        assertThat(report.verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        WorkflowStub next = world.starter.start(
                Scenario.POINT_IN_TIME_RECOVERY,
                "orders",
                RunWorld.request(Scenario.POINT_IN_TIME_RECOVERY, RunWorld.OTHER_RUN, false));
        world.untilWaiting(next);
        assertThat(world.calls.count("catalog:RecordFiles")).isPositive();
        assertThat(world.catalog.writes).isEmpty();

        world.catalog.down = false;

        assertThat(recorded(RunWorld.RUN).report()).isEqualTo(report);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(
                                world.catalog.record(RunWorld.OTHER_RUN).state())
                        .isEqualTo(RunStatus.State.WAITING_FOR_APPROVAL));
        assertThat(world.catalog.writes.stream().filter(write -> write.runId().equals(RunWorld.RUN)))
                .as("only the newest is written")
                .hasSize(1);
    }

    @Test
    void anOutageOfDaysLosesNothing() {
        world.catalog.down = true;
        WorkflowStub run = world.run(Scenario.RESTORE_TEST);
        Instant ended = world.result(run).ended();
        world.sleep(Duration.ofDays(3));
        assertThat(world.now()).isAfter(ended.plus(Duration.ofDays(2)));
        assertThat(world.catalog.writes).isEmpty();
        world.catalog.down = false;
        assertThat(recorded(RunWorld.RUN).end()).isNotNull();
    }

    @Test
    void aFailedRunsRecordHasItsReport() {
        world.calls.fail(
                "RestoreBackup",
                ApplicationFailure.newNonRetryableFailure("OBJECT_DAMAGED: a pack", FailureType.DAMAGED.name()));
        WorkflowStub run = world.run(Scenario.RESTORE_TEST);
        world.failure(run);

        RecordedRun record = recorded(RunWorld.RUN);
        assertThat(Objects.requireNonNull(record.end()).verdict()).isEqualTo(RunReport.Verdict.FAILED);
        assertThat(record.end().summary()).contains("OBJECT_DAMAGED");
        assertThat(Objects.requireNonNull(record.report()).steps())
                .extracting(StepReport::state)
                .contains(StepReport.State.FAILED);
    }

    @Test
    void aCancelledRunsRecordIsKept() {
        WorkflowStub run = world.run(Scenario.POINT_IN_TIME_RECOVERY);
        world.untilWaiting(run);
        run.cancel();
        assertThatThrownBy(() -> world.result(run)).isInstanceOf(WorkflowFailedException.class);

        assertThat(Objects.requireNonNull(recorded(RunWorld.RUN).end()).verdict())
                .isEqualTo(RunReport.Verdict.FAILED);
    }

    @Test
    void aTerminatedRunIsFoundOutAndItsRecordSaysSo() {
        WorkflowStub run = world.run(Scenario.POINT_IN_TIME_RECOVERY);
        world.untilWaiting(run);
        RecordedRun.End end = new RecordedRun.End(RunReport.Verdict.FAILED, "Terminated.", world.now());
        world.catalog.ends.put("change/orders", end);
        world.terminate(run);

        RecordedRun record = recorded(RunWorld.RUN);
        assertThat(record.end()).isEqualTo(end);
        assertThat(record.state()).isEqualTo(RunStatus.State.FINISHED);
        assertThat(record.waitingForRole()).isNull();
        assertThat(record.steps()).isNotEmpty();
        assertThat(record.report()).isNull();
    }

    @Test
    void aRunWhoseRecorderWasTerminatedEndsAllTheSame() {
        WorkflowStub run = world.run(Scenario.POINT_IN_TIME_RECOVERY);
        world.untilWaiting(run);
        world.terminate(world.recorder(RunWorld.RUN));
        world.approve(run);
        assertThat(world.result(run).verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
    }

    @Test
    void signalsThatHoldNothingOrNonsenseDoNotStopTheRecorder() {
        WorkflowStub run = world.run(Scenario.POINT_IN_TIME_RECOVERY);
        world.untilWaiting(run);
        world.recorder(RunWorld.RUN).signal("changed");
        world.recorder(RunWorld.RUN).signal("changed", (Object) null);
        world.recorder(RunWorld.RUN).signal("changed", "nonsense");
        world.approve(run);
        RunReport report = world.result(run);
        assertThat(recorded(RunWorld.RUN).report()).isEqualTo(report);
    }

    @Test
    void aRecorderStartedByHandWithoutARunEnds() {
        WorkflowStub recorder = world.client()
                .newUntypedWorkflowStub(
                        "RunRecorder",
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TaskQueues.MUSTER)
                                .setWorkflowId("record/by-hand")
                                .build());
        recorder.start();
        assertThatThrownBy(() -> recorder.getResult(Void.class)).isInstanceOf(WorkflowFailedException.class);
    }

    @Test
    void aRefusedWriteIsSkippedForTheNextAndTheEndIsKept() {
        world.calls.fail(
                "catalog:RecordRun",
                ApplicationFailure.newNonRetryableFailure("CATALOG_DATA_REFUSED: x", FailureType.REFUSED.name()));
        WorkflowStub run = world.run(Scenario.POINT_IN_TIME_RECOVERY);
        world.approve(run);
        world.result(run);
        assertThat(recorded(RunWorld.RUN).report()).isNotNull();
    }

    @Test
    void withoutACatalogueThereIsNoRecorder() {
        world.control.recorded = false;
        WorkflowStub run = world.run(Scenario.BACKUP);
        world.result(run);
        assertThatThrownBy(() -> world.recorder(RunWorld.RUN).getResult(Void.class))
                .isInstanceOf(WorkflowNotFoundException.class);
        assertThat(world.calls.count("catalog:RecordFiles")).isZero();
    }

    @Test
    void afterABackupTheStoreIsLookedAtAgainAndOtherRunsLeaveTheIndexAlone() {
        world.result(world.run(Scenario.BACKUP));
        recorded(RunWorld.RUN);
        assertThat(world.catalog.observations).singleElement().satisfies(observation -> {
            assertThat(observation.system()).isEqualTo("orders");
            assertThat(observation.database()).isEqualTo("main");
            assertThat(observation.seen()).isEqualTo(world.state.repository());
        });
        assertThat(world.catalog.copies)
                .extracting(CopiesObservation::repository)
                .containsExactly("primary", "offsite", "archive");

        world.result(world.starter.start(
                Scenario.RESTORE_TEST, "orders", RunWorld.request(Scenario.RESTORE_TEST, RunWorld.OTHER_RUN, false)));
        recorded(RunWorld.OTHER_RUN);
        assertThat(world.catalog.observations).hasSize(1);
    }

    private List<RefreshIndex.Refreshed> refreshed(boolean thorough) {
        RefreshIndex refresh = world.client()
                .newWorkflowStub(
                        RefreshIndex.class,
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TaskQueues.MUSTER)
                                .setWorkflowId(RefreshIndex.workflowId("orders"))
                                .build());
        WorkflowClient.start(
                refresh::refresh,
                new RunRequest.SourceFile("orders.yaml", RunWorld.orders()),
                RunWorld.REQUESTER,
                thorough);
        return List.of(WorkflowStub.fromTyped(refresh).getResult(RefreshIndex.Refreshed[].class));
    }

    private static RefreshIndex.InRepository holds(String repository) {
        return new RefreshIndex.InRepository(repository, 1, null);
    }

    @Test
    void aRefreshLooksAtEachDatabaseOfTheSystemInEachOfItsRepositories() {
        assertThat(refreshed(true))
                .containsExactly(new RefreshIndex.Refreshed(
                        "orders",
                        "main",
                        1,
                        1,
                        true,
                        null,
                        List.of(holds("primary"), holds("offsite"), holds("archive"))));
        assertThat(world.catalog.observations).hasSize(1);
        assertThat(world.catalog.copies)
                .hasSize(3)
                .allSatisfy(observation -> assertThat(observation.copies())
                        .allSatisfy(copy -> assertThat(copy.readSince()).isNotNull()));
    }

    @Test
    @DisplayName("Repository and stores 5: a lost repository is told, and the catalogue is rebuilt from the others")
    void aRefreshWithoutTheDatabasesOwnRepository() {
        ApplicationFailure lost =
                ApplicationFailure.newNonRetryableFailure("STORE_MISSING: burnt", FailureType.REFUSED.name());
        world.calls.fail("ObserveRepository", lost);
        world.calls.fail("ObserveCopies primary", lost);
        assertThat(refreshed(false))
                .containsExactly(new RefreshIndex.Refreshed(
                        "orders",
                        "main",
                        0,
                        0,
                        false,
                        "STORE_MISSING: burnt",
                        List.of(
                                new RefreshIndex.InRepository("primary", 0, "STORE_MISSING: burnt"),
                                holds("offsite"),
                                holds("archive"))));
        assertThat(world.catalog.observations).isEmpty();
        assertThat(world.catalog.copies)
                .extracting(CopiesObservation::repository)
                .containsExactly("offsite", "archive");
    }
}
