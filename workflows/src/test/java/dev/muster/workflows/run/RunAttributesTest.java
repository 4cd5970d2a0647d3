package dev.muster.workflows.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.schedules.ScheduledRunReport;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.common.converter.DefaultDataConverter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What Temporal's lists find a run by, at each moment, and what becomes of a run where they are not known. */
class RunAttributesTest {
    @Test
    void aRunIsFoundByItsSystemScenarioSitePhaseWhomItWaitsForAndItsOutcome() {
        try (RunWorld world = RunWorld.start()) {
            WorkflowStub run = world.run(Scenario.POINT_IN_TIME_RECOVERY);
            world.approve(run);
            world.result(run);

            List<Map<String, String>> told = told(world, run);
            assertThat(told.get(0))
                    .containsOnly(
                            Map.entry("MusterSystem", "orders"),
                            Map.entry("MusterScenario", "point-in-time-recovery"),
                            Map.entry("MusterPhase", "planning"));
            assertThat(told.get(1)).containsOnly(Map.entry("MusterSite", "berlin"));
            assertThat(told.get(2))
                    .containsOnly(
                            Map.entry("MusterPhase", "waiting-for-approval"),
                            Map.entry("MusterWaitingFor", "approver"));
            assertThat(told.get(3))
                    .containsOnly(Map.entry("MusterPhase", "admission"), Map.entry("MusterWaitingFor", ""));
            assertThat(told.subList(4, told.size()).stream()
                            .map(change -> change.get("MusterPhase"))
                            .toList())
                    .containsExactly("restore", "replay", "verify", "outcome", "cleanup", "finished");
            assertThat(told.get(told.size() - 1)).containsEntry("MusterOutcome", "SUCCEEDED");
        }
    }

    @Test
    void aRunThatFailsIsFoundByItsOutcome() {
        try (RunWorld world = RunWorld.start()) {
            world.calls.fail(
                    "RestoreBackup",
                    io.temporal.failure.ApplicationFailure.newNonRetryableFailure("OBJECT_DAMAGED: x", "DAMAGED"));
            WorkflowStub run = world.run(Scenario.RESTORE_TEST);
            world.failure(run);
            List<Map<String, String>> told = told(world, run);
            assertThat(told.get(told.size() - 1))
                    .containsEntry("MusterPhase", "finished")
                    .containsEntry("MusterOutcome", "FAILED");
        }
    }

    @Test
    void aRunThatWasStartedWithoutAttributesSetsNoneBecauseThatCouldStopIt() {
        try (RunWorld world = RunWorld.startWithoutAttributes()) {
            WorkflowStub run = world.client()
                    .newUntypedWorkflowStub(
                            "RestoreTest",
                            WorkflowOptions.newBuilder()
                                    .setTaskQueue(TaskQueues.MUSTER)
                                    .setWorkflowId("restore-test/orders/by-hand")
                                    .build());
            run.start(RunWorld.request(Scenario.RESTORE_TEST, RunWorld.RUN, false));
            assertThat(world.result(run).verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
            assertThat(told(world, run)).isEmpty();
        }
    }

    @Test
    void aRunOfAScheduleIsFoundAsAnyOtherWhereTheScheduleIsAndElseSetsNothing() {
        try (RunWorld world = RunWorld.start()) {
            WorkflowStub scheduled = world.schedule("backup", "nightly", RunAttributes.ofSchedule("backup", "orders"));
            String run = scheduled.getResult(ScheduledRunReport.class).workflowId();
            List<Map<String, String>> told =
                    told(world, world.client().newUntypedWorkflowStub(Objects.requireNonNull(run)));
            assertThat(told.get(0)).containsEntry("MusterSystem", "orders").containsEntry("MusterScenario", "backup");
            assertThat(told.get(told.size() - 1)).containsEntry("MusterOutcome", "SUCCEEDED");
        }
        try (RunWorld world = RunWorld.startWithoutAttributes()) {
            WorkflowStub scheduled = world.schedule("backup", "nightly");
            String run = scheduled.getResult(ScheduledRunReport.class).workflowId();
            assertThat(told(world, world.client().newUntypedWorkflowStub(Objects.requireNonNull(run))))
                    .isEmpty();
        }
    }

    @Test
    void anApprovalEndsTheTimerThatWaitedForIt() {
        try (RunWorld world = RunWorld.start()) {
            WorkflowStub run = world.run(Scenario.POINT_IN_TIME_RECOVERY);
            world.approve(run);
            world.result(run);
            assertThat(world.history(run).getEvents())
                    .extracting(HistoryEvent::getEventType)
                    .contains(EventType.EVENT_TYPE_TIMER_CANCELED);
        }
    }

    /** What was set at the start and by each change since; empty for what was unset. */
    private static List<Map<String, String>> told(RunWorld world, WorkflowStub run) {
        List<Map<String, String>> told = new ArrayList<>();
        for (HistoryEvent event : world.history(run).getEvents()) {
            var attributes = event.hasWorkflowExecutionStartedEventAttributes()
                    ? event.getWorkflowExecutionStartedEventAttributes().getSearchAttributes()
                    : event.getUpsertWorkflowSearchAttributesEventAttributes().getSearchAttributes();
            if (attributes.getIndexedFieldsCount() > 0) {
                told.add(attributes.getIndexedFieldsMap().entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey,
                                entry -> Objects.requireNonNullElse(
                                        DefaultDataConverter.STANDARD_INSTANCE.fromPayload(
                                                entry.getValue(), String.class, String.class),
                                        ""),
                                (one, other) -> other,
                                TreeMap::new)));
            }
        }
        return told;
    }
}
