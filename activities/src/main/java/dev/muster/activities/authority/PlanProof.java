package dev.muster.activities.authority;

import dev.muster.runbooks.plan.Plan;
import dev.muster.workflows.approval.ApprovalRule;
import dev.muster.workflows.approval.Gate;
import dev.muster.workflows.approval.TrustedApprovers;
import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.run.RunSkeleton;
import java.time.Instant;
import java.util.Set;

/** What hosts and sites ask of every plan. */
final class PlanProof {
    private PlanProof() {}

    static void refuseOtherRun(Authority authority, Plan plan) {
        if (!plan.runId().equals(authority.runId())
                || !plan.system().equals(authority.system())
                || !plan.requester().equals(authority.requester())) {
            throw new AuthorityRefusedException(
                    "PLAN_OTHER_RUN",
                    "The plan " + authority.planHash() + " is for the run " + plan.runId() + " of " + plan.system()
                            + " by " + plan.requester() + ", not for " + authority.runId() + " of " + authority.system()
                            + " by " + authority.requester() + ".",
                    "The step was not made by one of our workflows; find out who started it.");
        }
    }

    static AuthorityRefusedException epochCannotBe(Authority authority, Plan plan) {
        return new AuthorityRefusedException(
                "EPOCH_MISSING",
                "A " + plan.scenario().id() + " with the epoch " + authority.epoch() + " and changesSystem "
                        + plan.changesSystem() + " cannot be.",
                "The step was not made by one of our workflows; find out who started it.");
    }

    /**
     * Who approved a plan that needs it.
     *
     * @param roles that the approver must have, all of them
     * @param at the moment that the approval must be valid at
     */
    static String approver(Authority authority, Plan plan, Set<String> roles, TrustedApprovers approvers, Instant at) {
        String token = authority.approval();
        if (token == null) {
            throw new AuthorityRefusedException(
                    "APPROVAL_MISSING",
                    "The plan " + authority.planHash() + " needs an approval and the step carries none.",
                    "The step was not made by one of our workflows; find out who started it.");
        }
        String approver = "";
        for (String role : roles) {
            ApprovalRule rule = new ApprovalRule(
                    authority.workflowId(),
                    authority.runId(),
                    Gate.EXECUTE,
                    authority.planHash(),
                    authority.requester(),
                    role,
                    RunSkeleton.mostLossSeconds(plan));
            approver = approvers.accept(token, rule, at).approver();
        }
        return approver;
    }
}
