package dev.muster.activities.authority;

import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.runbooks.steps.StepType;
import dev.muster.workflows.approval.TrustedApprovers;
import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.planning.PlanDocument;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A site's own decision, before each step: is this a plan for this site, and did somebody else than the requester
 * approve it where it asks for that? Nothing is kept between steps, so that any worker of the site can go on.
 */
public final class SiteAuthority {
    private final String site;
    private final TrustedApprovers approvers;
    private final Clock clock;

    public SiteAuthority(String site, TrustedApprovers approvers, Clock clock) {
        this.site = site;
        this.approvers = approvers;
        this.clock = clock;
    }

    /**
     * Verifies everything, before the first step.
     *
     * @return the approver's name; empty where the plan needs no approval
     */
    public String admit(Authority authority, PlanDocument document) {
        return verify(authority, read(authority, document));
    }

    /**
     * The plan of a step, everything verified.
     *
     * @param wanted what the step does
     * @throws AuthorityRefusedException with the reason as its code
     * @throws dev.muster.workflows.approval.ApprovalRefusedException if the approval does not count
     * @throws dev.muster.runbooks.RunbookException if the plan's bytes are not what was hashed
     */
    public Plan plan(Authority authority, PlanDocument document, StepType wanted) {
        return plan(authority, document, wanted.id(), plan -> plan.step(wanted));
    }

    /** The same for a step by its id. */
    public Plan plan(Authority authority, PlanDocument document, String stepId) {
        return plan(authority, document, stepId, plan -> plan.step(stepId));
    }

    private Plan plan(
            Authority authority,
            PlanDocument document,
            String wanted,
            Function<Plan, Optional<Plan.PlannedStep>> step) {
        Plan plan = read(authority, document);
        verify(authority, plan);
        if (step.apply(plan).isEmpty()) {
            throw new AuthorityRefusedException(
                    "STEP_NOT_PLANNED",
                    "The plan of the run " + authority.runId() + " has no step " + wanted + ".",
                    "The step was not made by one of our workflows; find out who started it.");
        }
        return plan;
    }

    private static Plan read(Authority authority, PlanDocument document) {
        return StoredPlan.read(document.json(), authority.planHash()).plan();
    }

    private String verify(Authority authority, Plan plan) {
        PlanProof.refuseOtherRun(authority, plan);
        if (plan.scenario().needsHost() || !plan.repository().site().equals(site)) {
            throw new AuthorityRefusedException(
                    "PLAN_OTHER_SITE",
                    "The plan of a " + plan.scenario().id() + " is for a repository of the site "
                            + plan.repository().site() + "; this is a worker of " + site + ".",
                    "Is the worker's site in its configuration the right one?");
        }
        if (plan.changesSystem() || authority.epoch() != 0) {
            throw PlanProof.epochCannotBe(authority, plan);
        }
        Plan.ApprovalNeeded needed = plan.approval();
        return needed == null
                ? ""
                : PlanProof.approver(authority, plan, Set.of(needed.role()), approvers, clock.instant());
    }
}
