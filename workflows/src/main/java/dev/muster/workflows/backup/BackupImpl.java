package dev.muster.workflows.backup;

import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.run.Activities;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunSkeleton;
import dev.muster.workflows.run.ScenarioRun;
import io.temporal.workflow.WorkflowInit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes the backup; there is nothing else to it, the host does the work. */
public final class BackupImpl extends ScenarioRun implements Backup {
    private static final class Phases implements RunSkeleton.Phases {
        @Override
        public RunReport.Results execute(RunSkeleton run) {
            String title = "Take a full backup";
            BackupActivities host =
                    Activities.at(TaskQueues.host(run.places().host()), BackupActivities.class, title);
            TakenBackup taken = run.onHost("backup", title, () -> host.takeBackup(run.authority()));
            return new RunReport.Results(taken, null, null, List.of(), null, null);
        }

        @Override
        public RunReport.@Nullable Objectives objectives(RunSkeleton run, RunReport.Results results) {
            return null;
        }
    }

    @WorkflowInit
    public BackupImpl(RunRequest request) {
        super(new RunSkeleton(request, "backup"));
    }

    @Override
    public RunReport run(RunRequest request) {
        return skeleton().carryOut(new Phases());
    }
}
