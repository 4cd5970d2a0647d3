package dev.muster.activities.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.activities.planning.EpochsOnDisk;
import dev.muster.activities.planning.Planning;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.CatalogDatabase;
import dev.muster.catalog.ScheduleExecution;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.approval.TrustedApprovers;
import dev.muster.workflows.recording.ScheduleRecorder;
import dev.muster.workflows.recording.ScheduleRecorderImpl;
import dev.muster.workflows.recording.ScheduledTime;
import dev.muster.workflows.recording.ScheduledTime.Outcome;
import io.temporal.client.WorkflowOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Recorders of a schedule's log with their real activities and a real catalogue. */
@Timeout(60)
class ScheduleLogTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final String RUN = "01KAJ7ZQ5V3M9X2W8R4T6Y0AAA";

    private static CatalogDatabase database;
    private static Catalog catalog;
    private static Path folder;

    @BeforeAll
    static void startCatalogue(@TempDir Path temporary) throws Exception {
        folder = temporary;
        database = CatalogDatabase.migrated(temporary);
        catalog = Catalog.open(database.settings());
    }

    @AfterAll
    static void end() {
        catalog.close();
        database.close();
    }

    private static ScheduledTime time(
            String schedule, int atSecond, Outcome outcome, @Nullable String run, String detail) {
        return new ScheduledTime(
                ScheduledTime.SCHEMA, schedule, NOON, NOON.plusSeconds(atSecond), outcome, run, detail);
    }

    private static void record(boolean hasCatalogue, ScheduledTime... times) {
        try (TestWorkflowEnvironment temporal = TestWorkflowEnvironment.newInstance()) {
            temporal.newWorker(TaskQueues.MUSTER).registerWorkflowImplementationTypes(ScheduleRecorderImpl.class);
            temporal.newWorker(TaskQueues.CONTROL)
                    .registerActivitiesImplementations(new Planning(
                            new TrustedApprovers(List.of()),
                            new EpochsOnDisk(folder.resolve("epochs")),
                            hasCatalogue,
                            Clock.systemUTC()));
            temporal.newWorker(TaskQueues.CATALOG).registerActivitiesImplementations(new ScheduleLog(catalog));
            temporal.start();
            for (ScheduledTime time : times) {
                temporal.getWorkflowClient()
                        .newWorkflowStub(
                                ScheduleRecorder.class,
                                WorkflowOptions.newBuilder()
                                        .setTaskQueue(TaskQueues.MUSTER)
                                        .build())
                        .record(time);
            }
        }
    }

    @Test
    void theLatestOfATimesEntriesIsKeptInWhateverOrderTheyCome() {
        record(
                true,
                time("orders/nightly", 90, Outcome.SUCCEEDED, RUN, "Every step \0 succeeded."),
                time("orders/nightly", 1, Outcome.STARTED, RUN, "The run is under way."));
        assertThat(catalog.scheduleExecutions().list("orders/nightly", null, 10))
                .singleElement()
                .satisfies(kept -> {
                    assertThat(kept.outcome()).isEqualTo("SUCCEEDED");
                    assertThat(kept.runId()).isEqualTo(RUN);
                    assertThat(kept.due()).isEqualTo(NOON);
                    assertThat(kept.detail()).startsWith("Every step ").endsWith(" succeeded.");
                });
    }

    @Test
    void aTimeWithoutARunIsKeptAndOneWithoutACatalogueIsNot() {
        record(true, time("orders/drill", 1, Outcome.SKIPPED, null, "CHANGE_UNDER_WAY: it is"));
        record(false, time("orders/other", 1, Outcome.STARTED, RUN, "The run is under way."));
        assertThat(catalog.scheduleExecutions().list("orders/drill", null, 10))
                .containsExactly(new ScheduleExecution(
                        "orders/drill", NOON, NOON.plusSeconds(1), "SKIPPED", null, "CHANGE_UNDER_WAY: it is"));
        assertThat(catalog.scheduleExecutions().list("orders/other", null, 10)).isEmpty();
    }
}
