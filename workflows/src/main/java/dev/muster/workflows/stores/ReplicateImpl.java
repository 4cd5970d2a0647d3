package dev.muster.workflows.stores;

import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.steps.Phase;
import dev.muster.workflows.FailureType;
import dev.muster.workflows.run.Activities;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunSkeleton;
import dev.muster.workflows.run.ScenarioRun;
import io.temporal.failure.ApplicationFailure;
import io.temporal.workflow.WorkflowInit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One repository after the other, by a worker of the origin's site. */
public final class ReplicateImpl extends ScenarioRun implements Replicate {
    private static final class Phases implements RunSkeleton.Phases {
        @Override
        public RunReport.Results execute(RunSkeleton run) {
            List<ReplicatedStore> replicated = new ArrayList<>();
            for (Plan.PlannedStep step : run.plan().steps(Phase.REPLICATE)) {
                replicated.add(run.carryOut(
                        step,
                        () -> Activities.of(step, StoreActivities.class)
                                .replicateStore(run.authority(), run.document(), step.id())));
            }
            return RunReport.Results.NONE.with(replicated);
        }

        @Override
        public void requireSound(RunReport.Results results) {
            List<ReplicatedStore> replicated = results.replicated();
            if (replicated == null) {
                return;
            }
            replicated.stream()
                    .filter(one -> one.problemCount() > 0)
                    .findFirst()
                    .ifPresent(one -> {
                        StoreProblem first = one.problems().get(0);
                        throw ApplicationFailure.newNonRetryableFailure(
                                "REPLICA_INCOMPLETE: The repository " + one.to() + " lacks something: "
                                        + one.problemCount() + " problems, first " + first.code() + " of "
                                        + first.object() + ": " + first.message()
                                        + " Hint: the report lists them; docs/reference/verify-and-replicate.md says"
                                        + " what to do.",
                                FailureType.CHECK_FAILED.name());
                    });
        }

        @Override
        public RunReport.@Nullable Objectives objectives(RunSkeleton run, RunReport.Results results) {
            return null;
        }
    }

    @WorkflowInit
    public ReplicateImpl(RunRequest request) {
        super(new RunSkeleton(request, Scenario.REPLICATE));
    }

    @Override
    public RunReport run(RunRequest request) {
        return skeleton().carryOut(new Phases());
    }
}
