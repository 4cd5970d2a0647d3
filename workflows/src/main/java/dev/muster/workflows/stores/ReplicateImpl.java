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
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.Promise;
import io.temporal.workflow.WorkflowInit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** To all repositories at once, by workers of the origin's site: one that is away holds up no other. */
public final class ReplicateImpl extends ScenarioRun implements Replicate {
    private static final class Phases implements RunSkeleton.Phases {
        private @Nullable ActivityFailure failed;

        @Override
        public RunReport.Results execute(RunSkeleton run) {
            List<Promise<ReplicatedStore>> copies = new ArrayList<>();
            for (Plan.PlannedStep step : run.plan().steps(Phase.REPLICATE)) {
                copies.add(Async.function(() -> run.carryOut(
                        step,
                        () -> Activities.of(step, StoreActivities.class)
                                .replicateStore(run.authority(), run.document(), step.id()))));
            }
            List<ReplicatedStore> replicated = new ArrayList<>();
            for (Promise<ReplicatedStore> copy : copies) {
                try {
                    replicated.add(copy.get());
                } catch (ActivityFailure e) {
                    // What came to the others stands in the report all the same.
                    failed = failed == null ? e : failed;
                }
            }
            return RunReport.Results.NONE.with(replicated);
        }

        @Override
        public void requireSound(RunReport.Results results) {
            if (failed != null) {
                throw failed;
            }
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
