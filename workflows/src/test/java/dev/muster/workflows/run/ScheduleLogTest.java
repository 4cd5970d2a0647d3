package dev.muster.workflows.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.FailureType;
import dev.muster.workflows.recording.ScheduledTime;
import dev.muster.workflows.recording.ScheduledTime.Outcome;
import dev.muster.workflows.schedules.ScheduledRunReport;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the catalogue's log has of a schedule's times: complete, and never in the way of the run. */
class ScheduleLogTest {
    private final RunWorld world = RunWorld.startRecorded();

    @AfterEach
    void close() {
        world.close();
    }

    /** What is kept, in the order of the moments, once these entries are. */
    private List<ScheduledTime> kept(WorkflowStub scheduled, String... entries) {
        for (String entry : entries) {
            world.recorder(scheduled, entry).getResult(Void.class);
        }
        return world.catalog.scheduled.stream()
                .sorted(Comparator.comparing(ScheduledTime::at))
                .toList();
    }

    @Test
    void aTimeIsStartedAndThenSucceedsWithItsRunAndTheRunsSummary() {
        WorkflowStub scheduled = world.schedule("backup", "nightly");
        ScheduledRunReport report = scheduled.getResult(ScheduledRunReport.class);

        List<ScheduledTime> kept = kept(scheduled, "started", "succeeded");
        assertThat(kept).extracting(ScheduledTime::outcome).containsExactly(Outcome.STARTED, Outcome.SUCCEEDED);
        assertThat(kept).allSatisfy(time -> {
            assertThat(time.schedule()).isEqualTo("orders/nightly");
            assertThat(time.runId()).isEqualTo(report.runId());
            assertThat(time.due()).isEqualTo(kept.get(0).due());
        });
        assertThat(kept.get(1).detail()).isEqualTo(report.reason());
        assertThat(kept.get(1).at()).isAfter(kept.get(0).at());
    }

    @Test
    void aTimeThatPassesBecauseOfAnotherChangeIsSkippedWithTheReason() {
        world.untilWaiting(world.run(Scenario.POINT_IN_TIME_RECOVERY));
        WorkflowStub scheduled = world.schedule("point-in-time-recovery", "drill");
        scheduled.getResult(ScheduledRunReport.class);

        assertThat(kept(scheduled, "skipped")).singleElement().satisfies(time -> {
            assertThat(time.outcome()).isEqualTo(Outcome.SKIPPED);
            assertThat(time.runId()).isNull();
            assertThat(time.detail()).startsWith("CHANGE_UNDER_WAY: ");
        });
    }

    @Test
    void aRunThatFailsIsAFailedTimeWithItsRunAndItsReason() {
        world.calls.fail(
                "TakeBackup",
                ApplicationFailure.newNonRetryableFailure("REPOSITORY_LOCKED: it is.", FailureType.REFUSED.name()));
        WorkflowStub failed = world.schedule("backup", "nightly");
        world.failure(failed);
        List<ScheduledTime> ofBackup = kept(failed, "started", "failed");
        assertThat(ofBackup.get(1).outcome()).isEqualTo(Outcome.FAILED);
        assertThat(ofBackup.get(1).detail()).isEqualTo("REPOSITORY_LOCKED: it is.");
        assertThat(ofBackup.get(1).runId()).isNotNull();
    }

    @Test
    void aRunThatNobodyApprovesIsKeptAsNotApproved() {
        WorkflowStub drill = world.schedule("point-in-time-recovery", "drill");
        drill.getResult(ScheduledRunReport.class);
        List<ScheduledTime> all = kept(drill, "started", "not-approved");
        assertThat(all.get(all.size() - 1).outcome()).isEqualTo(Outcome.NOT_APPROVED);
    }

    @Test
    void aScenarioThatIsNotKnownIsAFailedTimeWithoutARun() {
        WorkflowStub scheduled = world.schedule("teleport", "nightly");
        world.failure(scheduled);
        assertThat(kept(scheduled, "failed")).singleElement().satisfies(time -> {
            assertThat(time.runId()).isNull();
            assertThat(time.detail()).startsWith("SCENARIO_UNKNOWN: ");
        });
    }

    @Test
    void aScheduledRunThatIsCancelledLeavesTheRunAndTheLogSaysSo() {
        WorkflowStub scheduled = world.schedule("point-in-time-recovery", "drill");
        world.untilWaiting(world.change());
        scheduled.cancel();
        assertThatThrownBy(() -> scheduled.getResult(ScheduledRunReport.class))
                .isInstanceOf(WorkflowFailedException.class);
        List<ScheduledTime> kept = kept(scheduled, "started", "left");
        assertThat(kept).extracting(ScheduledTime::outcome).containsOnly(Outcome.STARTED);
        assertThat(kept.get(1).detail()).contains("it goes on");
    }

    @Test
    void whileTheCatalogueIsAwayTheRunEndsAndTheLogHasItWhenItIsBack() {
        world.catalog.down = true;
        WorkflowStub scheduled = world.schedule("backup", "nightly");
        assertThat(scheduled.getResult(ScheduledRunReport.class).outcome())
                .isEqualTo(ScheduledRunReport.Outcome.SUCCEEDED);
        assertThat(world.catalog.scheduled).isEmpty();

        world.catalog.down = false;
        assertThat(kept(scheduled, "started", "succeeded"))
                .extracting(ScheduledTime::outcome)
                .containsExactly(Outcome.STARTED, Outcome.SUCCEEDED);
    }

    @Test
    void whereThereIsNoCatalogueTheRecordersEndAtOnceAndAskNobodyOnItsQueue() {
        world.control.recorded = false;
        WorkflowStub scheduled = world.schedule("backup", "nightly");
        scheduled.getResult(ScheduledRunReport.class);
        assertThat(kept(scheduled, "started", "succeeded")).isEmpty();
        assertThat(world.calls.count("catalog:RecordScheduledTime")).isZero();
    }
}
