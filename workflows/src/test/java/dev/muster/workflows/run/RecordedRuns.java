package dev.muster.workflows.run;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.backup.BackupImpl;
import dev.muster.workflows.recording.RunRecorderImpl;
import dev.muster.workflows.recording.ScheduleRecorderImpl;
import dev.muster.workflows.recovery.PointInTimeRecoveryImpl;
import dev.muster.workflows.recovery.RestoreTestImpl;
import dev.muster.workflows.schedules.ScheduledRunImpl;
import dev.muster.workflows.stores.ExpireImpl;
import dev.muster.workflows.stores.ReplicateImpl;
import dev.muster.workflows.stores.VerifyImpl;
import io.temporal.client.WorkflowStub;
import java.util.List;

/**
 * The runs whose histories are kept, one per way through the skeleton. The name is the file's; there is a folder for each
 * change of the workflows that a gate keeps older runs from.
 */
enum RecordedRuns {
    RECOVERY_APPROVED(Scenario.POINT_IN_TIME_RECOVERY, PointInTimeRecoveryImpl.class),
    RECOVERY_NOT_APPROVED(Scenario.POINT_IN_TIME_RECOVERY, PointInTimeRecoveryImpl.class),
    RESTORE_TEST(Scenario.RESTORE_TEST, RestoreTestImpl.class),
    BACKUP(Scenario.BACKUP, BackupImpl.class),
    VERIFY(Scenario.VERIFY, VerifyImpl.class),
    REPLICATE(Scenario.REPLICATE, ReplicateImpl.class),
    EXPIRE(Scenario.EXPIRE, ExpireImpl.class),
    SCHEDULED_BACKUP(Scenario.BACKUP, ScheduledRunImpl.class),
    SCHEDULED_CHANGE_SKIPPED(Scenario.POINT_IN_TIME_RECOVERY, ScheduledRunImpl.class),
    /** With a catalogue. */
    RECOVERY_RECORDED(Scenario.POINT_IN_TIME_RECOVERY, PointInTimeRecoveryImpl.class),
    /** The recorder's own history, with the refresh of the index at its end. */
    RECORDER_OF_BACKUP(Scenario.BACKUP, RunRecorderImpl.class),
    /** What writes an entry of a schedule's log. */
    RECORDER_OF_SCHEDULE(Scenario.BACKUP, ScheduleRecorderImpl.class);

    /** In the order of the gates; what is recorded now goes into the last. */
    static final List<String> GENERATIONS = List.of("first", "readable-run", "schedule-log", "copies-in-the-catalogue");

    private final Scenario scenario;
    private final Class<?> workflow;

    RecordedRuns(Scenario scenario, Class<?> workflow) {
        this.scenario = scenario;
        this.workflow = workflow;
    }

    Class<?> workflow() {
        return workflow;
    }

    String file() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-') + ".json";
    }

    /** The history of such a run, made now. */
    String record() {
        boolean recorded = this == RECOVERY_RECORDED || this == RECORDER_OF_BACKUP || this == RECORDER_OF_SCHEDULE;
        try (RunWorld world = recorded ? RunWorld.startRecorded() : RunWorld.start()) {
            if (this == SCHEDULED_CHANGE_SKIPPED) {
                world.untilWaiting(world.run(scenario));
            }
            WorkflowStub run = workflow == ScheduledRunImpl.class || this == RECORDER_OF_SCHEDULE
                    ? world.schedule(scenario.id(), "nightly")
                    : world.run(scenario);
            if (this == RECOVERY_APPROVED || this == RECOVERY_RECORDED) {
                world.approve(run);
            }
            run.getResult(Object.class);
            if (this == RECORDER_OF_BACKUP) {
                WorkflowStub recorder = world.recorder(RunWorld.RUN);
                recorder.getResult(Void.class);
                return world.history(recorder).toJson(true) + "\n";
            }
            if (this == RECORDER_OF_SCHEDULE) {
                WorkflowStub recorder = world.recorder(run, "succeeded");
                recorder.getResult(Void.class);
                return world.history(recorder).toJson(true) + "\n";
            }
            return world.history(run).toJson(true) + "\n";
        }
    }
}
