package dev.muster.workflows.run;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.backup.BackupImpl;
import dev.muster.workflows.recording.RunRecorderImpl;
import dev.muster.workflows.recovery.PointInTimeRecoveryImpl;
import dev.muster.workflows.recovery.RestoreTestImpl;
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
    /** With a catalogue. */
    RECOVERY_RECORDED(Scenario.POINT_IN_TIME_RECOVERY, PointInTimeRecoveryImpl.class),
    /** The recorder's own history, with the refresh of the index at its end. */
    RECORDER_OF_BACKUP(Scenario.BACKUP, RunRecorderImpl.class);

    /** In the order of the gates; what is recorded now goes into the last. */
    static final List<String> GENERATIONS = List.of("first", "readable-run");

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
        boolean recorded = this == RECOVERY_RECORDED || this == RECORDER_OF_BACKUP;
        try (RunWorld world = recorded ? RunWorld.startRecorded() : RunWorld.start()) {
            WorkflowStub run = world.run(scenario);
            if (this == RECOVERY_APPROVED || this == RECOVERY_RECORDED) {
                world.approve(run);
            }
            world.result(run);
            if (this == RECORDER_OF_BACKUP) {
                WorkflowStub recorder = world.recorder(RunWorld.RUN);
                recorder.getResult(Void.class);
                return world.history(recorder).toJson(true) + "\n";
            }
            return world.history(run).toJson(true) + "\n";
        }
    }
}
