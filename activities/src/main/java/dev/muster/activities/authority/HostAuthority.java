package dev.muster.activities.authority;

import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.runbooks.steps.StepType;
import dev.muster.workflows.approval.TrustedApprovers;
import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.planning.PlanDocument;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The host's own decision, before each step: is this the plan that was admitted here, did somebody else than the
 * requester approve it, and is the epoch not an old one? The workflow's checks only steer; these are the ones that
 * hold against somebody who can reach Temporal.
 */
public final class HostAuthority {
    private final String host;
    private final String approverRole;
    private final TrustedApprovers approvers;
    private final HighestEpochs epochs;
    private final AdmittedPlans plans;
    private final Clock clock;

    /** @param approverRole the role that this host itself asks of whoever approves a change, whatever a plan says */
    public HostAuthority(
            String host,
            String approverRole,
            TrustedApprovers approvers,
            HighestEpochs epochs,
            AdmittedPlans plans,
            Clock clock) {
        this.host = host;
        this.approverRole = approverRole;
        this.approvers = approvers;
        this.epochs = epochs;
        this.plans = plans;
        this.clock = clock;
    }

    /**
     * Verifies everything and keeps the plan.
     *
     * @return the approver's name; empty where the scenario needs no approval
     * @throws AuthorityRefusedException with the reason as its code
     * @throws dev.muster.workflows.approval.ApprovalRefusedException if the approval does not count
     * @throws dev.muster.runbooks.RunbookException if the plan's bytes are not what was hashed
     */
    public String admit(Authority authority, PlanDocument document) {
        Plan plan = StoredPlan.read(document.json(), authority.planHash()).plan();
        Instant now = clock.instant();
        plans.find(authority.runId(), authority.planHash()).ifPresent(earlier -> refuseOtherEpoch(authority, earlier));
        String approver = verify(authority, plan, now);
        plans.keep(authority.runId(), authority.planHash(), document.json(), now, authority.epoch());
        return approver;
    }

    /**
     * The admitted plan of a step, everything verified again.
     *
     * @param wanted what the step does; an approval covers what its plan holds and nothing else
     */
    public Plan plan(Authority authority, StepType wanted) {
        return plan(authority, wanted.id(), plan -> plan.step(wanted));
    }

    /** The same for a step by its id. */
    public Plan plan(Authority authority, String stepId) {
        return plan(authority, stepId, plan -> plan.step(stepId));
    }

    private Plan plan(Authority authority, String wanted, Function<Plan, Optional<Plan.PlannedStep>> step) {
        AdmittedPlans.Admitted admitted = plans.find(authority.runId(), authority.planHash())
                .orElseThrow(() -> new AuthorityRefusedException(
                        "PLAN_NOT_ADMITTED",
                        "The host " + host + " has not admitted the plan " + authority.planHash() + " of the run "
                                + authority.runId() + ".",
                        "Was the host's state folder replaced during the run? Then start a new run."));
        refuseOtherEpoch(authority, admitted);
        Plan plan = StoredPlan.read(admitted.json(), authority.planHash()).plan();
        verify(authority, plan, admitted.at());
        Plan.PlannedStep planned = step.apply(plan)
                .orElseThrow(() -> new AuthorityRefusedException(
                        "STEP_NOT_PLANNED",
                        "The admitted plan of the run " + authority.runId() + " has no step " + wanted + ".",
                        "The step was not made by one of our workflows; find out who started it."));
        // The approval still stands in Temporal's history, for everybody who reads there.
        if (admitted.ended() && planned.type() != StepType.POSTGRES_REMOVE_COPY) {
            throw new AuthorityRefusedException(
                    "RUN_ENDED",
                    "The run " + authority.runId() + " has ended on the host " + host + ": its copy was removed.",
                    "Start a new run. If no run of yours asked for this, find out who repeats its steps.");
        }
        return plan;
    }

    /** Nothing of the run is left to do on this host. */
    public void ended(Authority authority) {
        plans.end(authority.runId(), authority.planHash(), clock.instant());
    }

    /** Else an old approval would raise the epoch of its system, and with that lock out every later run. */
    private static void refuseOtherEpoch(Authority authority, AdmittedPlans.Admitted admitted) {
        if (admitted.epoch() != authority.epoch()) {
            throw new AuthorityRefusedException(
                    "EPOCH_ALTERED",
                    "The run " + authority.runId() + " was admitted with the epoch " + admitted.epoch()
                            + " and now shows " + authority.epoch() + ".",
                    "The step was not made by one of our workflows; find out who started it.");
        }
    }

    /**
     * Asked last, just before something changes: no later run has taken over meanwhile.
     *
     * @throws AuthorityRefusedException EPOCH_OLD
     */
    public void guard(Authority authority) {
        if (authority.epoch() > 0 && !epochs.admit(authority.system(), authority.epoch())) {
            throw new AuthorityRefusedException(
                    "EPOCH_OLD",
                    "The run " + authority.runId() + " has the epoch " + authority.epoch() + " of the system "
                            + authority.system() + "; this host has seen " + epochs.highest(authority.system()) + ".",
                    "A later run has taken over the system. This one must not act any more; look at the later one.");
        }
    }

    private String verify(Authority authority, Plan plan, Instant at) {
        PlanProof.refuseOtherRun(authority, plan);
        if (!plan.scenario().needsHost() || !plan.database().host().equals(host)) {
            throw new AuthorityRefusedException(
                    "PLAN_OTHER_HOST",
                    "The plan is for the host " + plan.database().host() + "; this is " + host + ".",
                    "Is the worker's host name in its configuration the right one?");
        }
        if (plan.scenario().changesSystem() != plan.changesSystem()
                || plan.changesSystem() != (authority.epoch() > 0)) {
            throw PlanProof.epochCannotBe(authority, plan);
        }
        String approver = approver(authority, plan, at);
        guard(authority);
        return approver;
    }

    private String approver(Authority authority, Plan plan, Instant at) {
        Plan.ApprovalNeeded needed = plan.approval();
        if (needed == null) {
            if (plan.scenario() == Scenario.POINT_IN_TIME_RECOVERY) {
                throw new AuthorityRefusedException(
                        "APPROVAL_MISSING",
                        "The plan of a " + plan.scenario().id() + " asks for no approval.",
                        "The plan was not made by this version's compiler; find out who made it.");
            }
            return "";
        }
        Set<String> roles = new LinkedHashSet<>(Set.of(approverRole));
        roles.add(needed.role());
        return PlanProof.approver(authority, plan, roles, approvers, at);
    }
}
