package dev.muster.workflows.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.FailureType;
import dev.muster.workflows.schedules.ScheduledRunReport;
import dev.muster.workflows.schedules.ScheduledRunReport.Outcome;
import dev.muster.workflows.schedules.ScheduledRunRequest;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a schedule starts at one of its times; what only a real server does is in the schedule board's test. */
class ScheduledRunTest {
    private final RunWorld world = RunWorld.start();

    @AfterEach
    void close() {
        world.close();
    }

    private WorkflowStub start(Scenario scenario) {
        return world.schedule(scenario.id(), "nightly");
    }

    private static ScheduledRunReport report(WorkflowStub scheduled) {
        return scheduled.getResult(ScheduledRunReport.class);
    }

    @Test
    void aScheduledBackupIsARunOfItsOwnWithTheScheduleAsRequester() {
        ScheduledRunReport report = report(start(Scenario.BACKUP));
        assertThat(report.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(report.workflowId()).isEqualTo("backup/orders/" + report.runId());
        RunReport run = Objects.requireNonNull(report.report());
        assertThat(run.runId()).isEqualTo(report.runId());
        assertThat(run.requester()).isEqualTo("schedule:orders/nightly");
        assertThat(run.results().backup()).isNotNull();
        assertThat(world.calls.count("TakeBackup")).isEqualTo(1);
        assertThat(world.client()
                        .newUntypedWorkflowStub(Objects.requireNonNull(report.workflowId()))
                        .getResult(RunReport.class))
                .isEqualTo(run);
    }

    @Test
    void theRequestOfTheRunNamesTheScheduleAndTheRunIdHoldsTheTime() {
        ScheduledRunReport report = report(start(Scenario.BACKUP));
        assertThat(world.client()
                        .fetchHistory(Objects.requireNonNull(report.workflowId()))
                        .toJson(true))
                .contains("schedule")
                .doesNotContain("\"schedule\":null");
        Instant inId = Instant.ofEpochMilli(
                com.github.f4b6a3.ulid.Ulid.from(report.runId()).getTime());
        assertThat(inId).isBetween(OrdersState.NOW, OrdersState.NOW.plus(Duration.ofMinutes(5)));
    }

    @Test
    void twoTimesOfOneScheduleAreTwoRuns() {
        ScheduledRunReport first = report(start(Scenario.BACKUP));
        ScheduledRunReport second = report(start(Scenario.BACKUP));
        assertThat(second.runId()).isNotEqualTo(first.runId());
        assertThat(world.calls.count("TakeBackup")).isEqualTo(2);
    }

    @Test
    void aFailedRunFailsTheScheduledOneWithTheSameTypeAndMessage() {
        world.calls.fail(
                "TakeBackup",
                ApplicationFailure.newNonRetryableFailure("REPOSITORY_LOCKED: it is.", FailureType.REFUSED.name()));
        ApplicationFailure failure = world.failure(start(Scenario.BACKUP));
        assertThat(failure.getOriginalMessage()).isEqualTo("REPOSITORY_LOCKED: it is.");
        assertThat(failure.getType()).isEqualTo(FailureType.REFUSED.name());
        ScheduledRunReport report = failure.getDetails().get(0, ScheduledRunReport.class);
        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.workflowId()).isEqualTo("backup/orders/" + report.runId());
    }

    @Test
    void aChangeUnderWayMeansThatThisTimePasses() {
        WorkflowStub other = world.run(Scenario.POINT_IN_TIME_RECOVERY);
        world.untilWaiting(other);
        ScheduledRunReport report = report(start(Scenario.POINT_IN_TIME_RECOVERY));
        assertThat(report.outcome()).isEqualTo(Outcome.SKIPPED);
        assertThat(report.runId()).isNull();
        assertThat(report.reason()).startsWith("CHANGE_UNDER_WAY: ");
    }

    @Test
    void aBackupIsTakenWhileAChangeIsUnderWay() {
        world.untilWaiting(world.run(Scenario.POINT_IN_TIME_RECOVERY));
        assertThat(report(start(Scenario.BACKUP)).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void aScheduledChangeWaitsForAnApproverAndDoesNothingWithoutOne() {
        ScheduledRunReport report = report(start(Scenario.POINT_IN_TIME_RECOVERY));
        assertThat(report.outcome()).isEqualTo(Outcome.NOT_APPROVED);
        assertThat(report.workflowId()).isEqualTo("change/orders");
        assertThat(world.calls.onHost()).isEmpty();
    }

    @Test
    void aScheduledChangeIsCarriedOutOnceSomebodyApprovesIt() {
        WorkflowStub scheduled = start(Scenario.POINT_IN_TIME_RECOVERY);
        assertThat(world.approve(world.change()).accepted()).isTrue();
        assertThat(report(scheduled).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void endingTheScheduledRunDoesNotEndTheRunItself() {
        WorkflowStub scheduled = start(Scenario.POINT_IN_TIME_RECOVERY);
        WorkflowStub change = world.change();
        world.untilWaiting(change);
        // Not by asking for its result: time would skip meanwhile, to the approval's end.
        WorkflowStub recorder = world.recorder(scheduled, "started");
        await().until(() -> world.history(recorder).getEvents().stream()
                .anyMatch(HistoryEvent::hasWorkflowExecutionCompletedEventAttributes));
        world.terminate(scheduled);
        assertThat(world.approve(change).accepted()).isTrue();
        assertThat(world.result(change).verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
    }

    @Test
    void cancellingTheScheduledRunEndsTheWaitAndNotTheRun() {
        WorkflowStub scheduled = start(Scenario.POINT_IN_TIME_RECOVERY);
        WorkflowStub change = world.change();
        world.untilWaiting(change);
        scheduled.cancel();
        assertThatThrownBy(() -> scheduled.getResult(ScheduledRunReport.class))
                .isInstanceOf(WorkflowFailedException.class)
                .hasCauseInstanceOf(CanceledFailure.class);
        assertThat(world.history(change).toJson(true)).doesNotContain("CANCEL_REQUESTED");
    }

    @Test
    void aScenarioThatThisVersionDoesNotKnowFailsInsteadOfHanging() {
        assertThat(world.failure(world.schedule("teleport", "nightly")).getOriginalMessage())
                .startsWith("SCENARIO_UNKNOWN: ");
    }

    @Test
    void aRequestOfAnEarlierVersionIsReadAndOneWithoutAScheduleStaysAsItWas() throws Exception {
        var converter = io.temporal.common.converter.DefaultDataConverter.STANDARD_INSTANCE;
        RunRequest plain = RunWorld.request(Scenario.BACKUP, RunWorld.RUN, false);
        var payload = converter.toPayload(plain).orElseThrow();
        assertThat(payload.getData().toStringUtf8()).doesNotContain("\"schedule\"");
        assertThat(converter.fromPayload(payload, RunRequest.class, RunRequest.class))
                .isEqualTo(plain);
        assertThat(ScheduledRunRequest.SCHEMA).isEqualTo(1);
    }
}
