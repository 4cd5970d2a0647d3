package dev.muster.workflows.backup;

import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.steps.StepType;
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
            Plan.PlannedStep step = run.plan().step(StepType.POSTGRES_BACKUP).orElseThrow();
            TakenBackup taken = run.carryOut(
                    step, () -> Activities.of(step, BackupActivities.class).takeBackup(run.authority()));
            return new RunReport.Results(taken, null, null, List.of(), null, null);
        }

        @Override
        public RunReport.@Nullable Objectives objectives(RunSkeleton run, RunReport.Results results) {
            return null;
        }
    }

    @WorkflowInit
    public BackupImpl(RunRequest request) {
        super(new RunSkeleton(request, Scenario.BACKUP));
    }

    @Override
    public RunReport run(RunRequest request) {
        return skeleton().carryOut(new Phases());
    }
}
