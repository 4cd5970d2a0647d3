package dev.muster.runbooks.plan;

import dev.muster.runbooks.Problem;
import dev.muster.runbooks.ResolvedRunbook;
import dev.muster.runbooks.Runbook;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.SystemDescription.Check;
import dev.muster.runbooks.steps.Phase;
import dev.muster.runbooks.steps.StepType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The phases of a plan: the scenario's skeleton, filled by the runbook's verify steps. Pure. */
final class StepSequence {
    private final ResolvedRunbook resolved;
    private final Rates rates;
    private final List<Problem> problems;
    private final List<String> warnings;
    private final Map<Phase, List<Plan.PlannedStep>> phases = new LinkedHashMap<>();

    /** @param problems what cannot be planned is added here, and to {@code warnings} what is left out */
    StepSequence(ResolvedRunbook resolved, Rates rates, List<Problem> problems, List<String> warnings) {
        this.resolved = resolved;
        this.rates = rates;
        this.problems = problems;
        this.warnings = warnings;
    }

    List<Plan.PlannedPhase> phases() {
        return phases.entrySet().stream()
                .map(entry -> new Plan.PlannedPhase(entry.getKey(), entry.getValue()))
                .toList();
    }

    void backup() {
        add("backup", StepType.POSTGRES_BACKUP);
    }

    void recovery(List<Runbook.VerifyStep> verify, boolean returnsRows, boolean removesCopy) {
        add("restore", StepType.POSTGRES_RESTORE);
        add("replay", StepType.POSTGRES_REPLAY);
        verify.forEach(this::verify);
        add("canary", StepType.POSTGRES_CANARY);
        if (returnsRows) {
            add("return-rows", StepType.POSTGRES_RETURN_ROWS);
        }
        if (removesCopy) {
            add("remove-copy", StepType.POSTGRES_REMOVE_COPY);
        }
    }

    void verifyStore() {
        add("verify", StepType.STORE_VERIFY);
    }

    void replicate(List<SystemDescription.RepositoryPlace> to) {
        to.forEach(place -> add(
                Replicating.stepId(place.name()),
                StepType.STORE_REPLICATE,
                "Copy backups and WAL to the repository " + place.name(),
                null));
    }

    void expire() {
        add("expire", StepType.STORE_EXPIRE);
    }

    private void verify(Runbook.VerifyStep step) {
        if (step.type() == StepType.SYSTEM_CHECKS) {
            checks(step.checks());
        } else {
            String id = step.type().id();
            add(id.substring(id.indexOf('.') + 1), step.type());
        }
    }

    private void checks(List<String> wanted) {
        List<Check> all = resolved.system().checks();
        for (String name : wanted) {
            if (all.stream().noneMatch(check -> check.name().equals(name))) {
                problems.add(Problem.of(
                        "UNKNOWN_CHECK",
                        "The system " + resolved.system().name() + " has no check '" + name + "'.",
                        "Add it to the system's spec.checks, or take it out of the runbook's verify step."));
            }
        }
        int before = count();
        for (Check check : all) {
            if (wanted.isEmpty() || wanted.contains(check.name())) {
                check(check, !wanted.isEmpty());
            }
        }
        if (wanted.isEmpty() && count() == before) {
            warnings.add("The system has no check for this database: whether its data is right is not checked.");
        }
    }

    private int count() {
        return phases.getOrDefault(Phase.VERIFY, List.of()).size();
    }

    private void check(Check check, boolean wantedByName) {
        if (check instanceof Check.Sql sql
                && !sql.database().equals(resolved.database().name())) {
            leaveOut(sql, wantedByName);
        } else {
            add(check, Plan.PlannedCheck.of(check));
        }
    }

    private void leaveOut(Check.Sql check, boolean wantedByName) {
        String message = "The check '" + check.name() + "' is for the database '" + check.database()
                + "', of which this run has no copy";
        if (wantedByName) {
            problems.add(Problem.of(
                    "CHECK_OF_OTHER_DATABASE",
                    message + ".",
                    "Take it out of the verify step, or recover the database '" + check.database() + "'."));
        } else {
            warnings.add(message + ": not made.");
        }
    }

    private void add(Check check, Plan.PlannedCheck planned) {
        add("check-" + check.name(), StepType.SYSTEM_CHECKS, "Check " + check.name(), planned);
    }

    private void add(String id, StepType type) {
        add(id, type, type.title(), null);
    }

    private void add(String id, StepType type, String title, Plan.@Nullable PlannedCheck check) {
        // What acts on a store does so where the repository is, which may be elsewhere than the database.
        String queue = type.place()
                .queue(resolved.repository().site(), resolved.database().host());
        List<Plan.PlannedStep> steps = phases.computeIfAbsent(type.phase(), phase -> new ArrayList<>());
        if (steps.stream().anyMatch(step -> step.id().equals(id))) {
            problems.add(Problem.of(
                    "DUPLICATE_STEP",
                    "The runbook " + resolved.runbook().name() + " has the step " + id + " twice.",
                    "Take one out of spec.verify."));
            return;
        }
        steps.add(new Plan.PlannedStep(id, type, title, queue, type.bounds(), check, rates.seconds(type)));
    }
}
