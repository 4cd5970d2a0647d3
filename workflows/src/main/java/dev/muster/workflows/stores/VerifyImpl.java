package dev.muster.workflows.stores;

import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.steps.StepType;
import dev.muster.workflows.FailureType;
import dev.muster.workflows.run.Activities;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunSkeleton;
import dev.muster.workflows.run.ScenarioRun;
import io.temporal.failure.ApplicationFailure;
import io.temporal.workflow.WorkflowInit;
import org.jspecify.annotations.Nullable;

/** One look, by a worker of the repository's site; what it finds fails the run and stands in its report. */
public final class VerifyImpl extends ScenarioRun implements Verify {
    private static final class Phases implements RunSkeleton.Phases {
        @Override
        public RunReport.Results execute(RunSkeleton run) {
            Plan.PlannedStep step = run.plan().step(StepType.STORE_VERIFY).orElseThrow();
            VerifiedStore verified = run.carryOut(
                    step,
                    () -> Activities.of(step, StoreActivities.class).verifyStore(run.authority(), run.document()));
            return RunReport.Results.NONE.with(verified);
        }

        @Override
        public void requireSound(RunReport.Results results) {
            VerifiedStore verified = results.verified();
            if (verified == null || verified.problems() == 0) {
                return;
            }
            StoreProblem first = verified.levels().stream()
                    .flatMap(level -> level.problems().stream())
                    .findFirst()
                    .orElseThrow();
            throw ApplicationFailure.newNonRetryableFailure(
                    "VERIFY_FOUND_PROBLEMS: The repository " + verified.repository() + " has " + verified.problems()
                            + " problems, first " + first.code() + " of " + first.object() + ": " + first.message()
                            + " Hint: the report lists them; docs/reference/verify-and-replicate.md says what to do.",
                    FailureType.CHECK_FAILED.name());
        }

        @Override
        public RunReport.@Nullable Objectives objectives(RunSkeleton run, RunReport.Results results) {
            return null;
        }
    }

    @WorkflowInit
    public VerifyImpl(RunRequest request) {
        super(new RunSkeleton(request, Scenario.VERIFY));
    }

    @Override
    public RunReport run(RunRequest request) {
        return skeleton().carryOut(new Phases());
    }
}
