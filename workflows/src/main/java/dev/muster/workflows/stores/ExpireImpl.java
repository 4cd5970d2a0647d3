package dev.muster.workflows.stores;

import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.steps.StepType;
import dev.muster.workflows.run.Activities;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunSkeleton;
import dev.muster.workflows.run.ScenarioRun;
import io.temporal.workflow.WorkflowInit;
import org.jspecify.annotations.Nullable;

/** What the plan lists goes, by a worker of the repository's site. */
public final class ExpireImpl extends ScenarioRun implements Expire {
    private static final class Phases implements RunSkeleton.Phases {
        @Override
        public RunReport.Results execute(RunSkeleton run) {
            Plan.PlannedStep step = run.plan().step(StepType.STORE_EXPIRE).orElseThrow();
            ExpiredStore expired = run.carryOut(
                    step,
                    () -> Activities.of(step, StoreActivities.class).expireStore(run.authority(), run.document()));
            return RunReport.Results.NONE.with(expired);
        }

        @Override
        public RunReport.@Nullable Objectives objectives(RunSkeleton run, RunReport.Results results) {
            return null;
        }
    }

    @WorkflowInit
    public ExpireImpl(RunRequest request) {
        super(new RunSkeleton(request, Scenario.EXPIRE));
    }

    @Override
    public RunReport run(RunRequest request) {
        return skeleton().carryOut(new Phases());
    }
}
