package dev.muster.runbooks.plan;

import dev.muster.runbooks.Durations;
import dev.muster.runbooks.Problem;
import dev.muster.runbooks.ResolvedRunbook;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.RunbookException;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.observation.ExpiryObservation;
import dev.muster.runbooks.observation.Observed;
import dev.muster.runbooks.observation.RepositoryObservation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plans for what is done with stored backups: verify, replicate, expire. The live database has no part in them. Pure. */
final class StorePlans {
    private final ResolvedRunbook resolved;
    private final Observed observed;
    private final PlanContext context;
    private final List<Problem> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    StorePlans(ResolvedRunbook resolved, Observed observed, PlanContext context) {
        this.resolved = resolved;
        this.observed = observed;
        this.context = context;
    }

    Plan verify(Runbook.Verify runbook) {
        boolean content = runbook.levels().contains(Runbook.Verify.Level.CONTENT);
        Runbook.Verify.Budget budget = runbook.budget();
        StepSequence steps =
                steps(content ? Math.min(storedBytes(), budget.bytes().orElse(Long.MAX_VALUE)) : 0, 0);
        steps.verifyStore();
        if (observed.repository().backups().isEmpty()) {
            warnings.add("The repository holds no committed backup of this database: there is little to verify.");
        }
        Verifying verifying = new Verifying(
                List.copyOf(runbook.levels()),
                content ? budget.bytes().orElse(null) : null,
                content ? budget.time().map(Duration::toSeconds).orElse(null) : null);
        return plan(steps, null, "Verifying only reads.", verifying, null, null);
    }

    Plan replicate(Runbook.Replicate runbook) {
        List<SystemDescription.RepositoryPlace> to = resolved.system().repositories().stream()
                .filter(place -> runbook.to().isEmpty()
                        ? !place.name().equals(resolved.repository().name())
                        : runbook.to().contains(place.name()))
                .toList();
        if (to.isEmpty()) {
            problems.add(Problem.of(
                    "NO_OTHER_REPOSITORY",
                    "The system " + resolved.system().name() + " has no repository besides "
                            + resolved.repository().name() + ".",
                    "Add one to the system's spec.repositories: a store elsewhere."));
        }
        for (SystemDescription.RepositoryPlace place : to) {
            if (place.store().equals(resolved.repository().store())) {
                problems.add(Problem.of(
                        "REPLICATE_TO_ITSELF",
                        "The repository " + place.name() + " has the same store as "
                                + resolved.repository().name() + ", where the backups of "
                                + resolved.database().name() + " are.",
                        "Name another repository in spec.to."));
            }
        }
        StepSequence steps = steps(storedBytes(), 0);
        steps.replicate(to);
        refuseIfProblems();
        if (observed.repository().backups().isEmpty()) {
            warnings.add("The repository holds no committed backup of this database yet.");
        }
        return plan(
                steps, null, "Copies are added; nothing is overwritten or deleted.", null, new Replicating(to), null);
    }

    Plan expire(Runbook.Expire runbook) {
        ExpiryObservation backups = observed.repository().expiry();
        if (backups == null) {
            throw new RunbookException(Problem.of(
                    "EXPIRY_NOT_OBSERVED",
                    "The worker of the site " + resolved.repository().site() + " did not say what would go.",
                    "Is it of an older version? Bring all workers to the same one."));
        }
        if (backups.going().size() > runbook.atMost()) {
            problems.add(Problem.of(
                    "EXPIRY_TOO_LARGE",
                    backups.going().size() + " backups would go; the runbook lets at most " + runbook.atMost() + " go.",
                    "Read what would go: muster plan. If it is right, raise spec.atMost."));
        }
        StepSequence steps =
                steps(0, backups.going().size() + (long) backups.cleaned().size());
        steps.expire();
        refuseIfProblems();
        warnOfExpiry(runbook, backups);
        Plan.ApprovalNeeded approval = runbook.approval()
                .map(needed ->
                        new Plan.ApprovalNeeded(needed.role(), needed.expires().toSeconds()))
                .orElse(null);
        Expiring expiring = new Expiring(runbook.policy(), runbook.atMost(), backups);
        String loss = backups.going().isEmpty()
                ? "No backup goes."
                : "Nothing of the live database. Backups that go: "
                        + backups.going().size()
                        + ". What only they hold cannot be recovered from this repository any more.";
        return plan(steps, approval, loss, null, null, expiring);
    }

    private void warnOfExpiry(Runbook.Expire runbook, ExpiryObservation backups) {
        if (!backups.waitingFor().isEmpty()) {
            warnings.add("Backups are being made (" + String.join(", ", backups.waitingFor())
                    + "): nothing is deleted while they are.");
        }
        if (runbook.approval().isEmpty() && backups.going().stream().anyMatch(one -> isYoung(one.committed()))) {
            warnings.add("Of these some are younger than "
                    + Durations.format(resolved.repository().keptAtLeast())
                    + ", which nobody takes without an approval: the site will refuse.");
        }
    }

    private boolean isYoung(Instant committed) {
        return committed.isAfter(observed.at().minus(resolved.repository().keptAtLeast()));
    }

    private long storedBytes() {
        return observed.repository().backups().stream()
                .mapToLong(RepositoryObservation.Backup::bytes)
                .sum();
    }

    private StepSequence steps(long bytes, long backups) {
        return new StepSequence(resolved, Rates.of(bytes, 0, backups, observed.repository()), problems, warnings);
    }

    private void refuseIfProblems() {
        if (!problems.isEmpty()) {
            throw problems.size() == 1
                    ? new RunbookException(problems.get(0))
                    : new RunbookException(PlanCompiler.REFUSED, problems);
        }
    }

    private Plan plan(
            StepSequence steps,
            Plan.@Nullable ApprovalNeeded approval,
            String loss,
            @Nullable Verifying verify,
            @Nullable Replicating replicate,
            @Nullable Expiring expire) {
        List<Plan.PlannedPhase> phases = steps.phases();
        long seconds = phases.stream()
                .flatMap(phase -> phase.steps().stream())
                .mapToLong(Plan.PlannedStep::forecastSeconds)
                .sum();
        return new Plan(
                Plan.SCHEMA,
                context.runId(),
                context.requester(),
                new Plan.Sources(resolved.runbook().name(), context.runbookHash(), context.systemHash()),
                observed.repository().observedAt(),
                resolved.runbook().scenario(),
                resolved.runbook().scenario().changesSystem(),
                resolved.system().name(),
                resolved.system().tier(),
                resolved.database(),
                resolved.repository(),
                null,
                null,
                null,
                null,
                approval,
                phases,
                new Plan.Bounds(false, null, null, null, observed.repository().newestTimeline(), 0, null, 0),
                new Plan.Forecast(seconds, false, null),
                new Plan.Promise(
                        resolved.promised().rto().toSeconds(),
                        resolved.promised().rpo().toSeconds()),
                new Plan.LossInterval(0, 0L, 0L, loss),
                null,
                0,
                warnings,
                null,
                verify,
                replicate,
                expire);
    }
}
