package dev.muster.workflows.approval;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether an approval lets a run pass, as pure code: asked by the workflow to steer, and again by each worker that
 * executes a step, which trusts only its own keys and clock.
 *
 * @param role the role that the approver must have
 * @param lossSeconds the loss of data that the plan shows, in seconds of commits
 */
public record ApprovalRule(
        String workflowId, String runId, Gate gate, String planHash, String requester, String role, long lossSeconds) {

    /** Begins the requester of a run that a schedule started; the schedule's full name follows. */
    public static final String SCHEDULED = "schedule:";

    /** Who may put a schedule in place, change it and trigger it. */
    private static final String CHANGES_SCHEDULES = "operator";

    /** A clock may be ahead of another by this much; more is a clock to mend, or a token made to outlive its expiry. */
    private static final Duration CLOCKS_APART = Duration.ofMinutes(2);

    /** Nobody means "yes, for ever": a state approved so long ago is not the one that is met. */
    private static final Duration LONGEST_VALIDITY = Duration.ofDays(7);

    /** Why this approval does not count, if it does not. */
    public Optional<ApprovalRefusedException> refusal(Approval approval, Instant now) {
        ApprovalClaims claims = approval.claims();
        if (!claims.workflowId().equals(workflowId) || !claims.runId().equals(runId)) {
            return refused(
                    "APPROVAL_OTHER_RUN",
                    "The approval is for the run " + claims.runId() + ", not for " + runId + ".",
                    "Look at this run's plan and approve it itself.");
        }
        if (claims.gate() != gate) {
            return refused(
                    "APPROVAL_OTHER_GATE",
                    "The approval is for the gate " + claims.gate() + ", not for " + gate + ".",
                    "Approve the gate that the run waits at.");
        }
        if (!claims.planHash().equals(planHash)) {
            return refused(
                    "APPROVAL_OTHER_PLAN",
                    "The approval is for the plan " + claims.planHash() + "; the run's plan is " + planHash + ".",
                    "The state has changed and with it the plan: read the new plan, then approve it.");
        }
        if (!claims.requester().equals(requester) || approval.approver().equals(requester)) {
            return refused(
                    "APPROVAL_BY_REQUESTER",
                    approval.approver() + " asked for the run and cannot approve it.",
                    "Another person with the role " + role + " has to approve.");
        }
        if (requester.startsWith(SCHEDULED) && approval.roles().contains(CHANGES_SCHEDULES)) {
            // A schedule does not say who wants its runs; whoever could have made it is taken for it.
            return refused(
                    "APPROVAL_BY_REQUESTER",
                    "A schedule asked for the run, and " + approval.approver()
                            + " has the role operator, which changes and triggers schedules.",
                    "Another person with the role " + role + ", and without the role operator, has to approve.");
        }
        if (!approval.roles().contains(role)) {
            return refused(
                    "APPROVAL_ROLE_MISSING",
                    approval.approver() + " does not have the role " + role + ".",
                    "A person with the role " + role + " has to approve.");
        }
        if (now.isAfter(claims.expiresAt())) {
            return refused(
                    "APPROVAL_EXPIRED",
                    "The approval ran out at " + claims.expiresAt() + "; it is " + now + ".",
                    "Approve again. If the times look wrong, check this machine's clock.");
        }
        if (claims.issuedAt().isAfter(now.plus(CLOCKS_APART))) {
            return refused(
                    "APPROVAL_FROM_FUTURE",
                    "The approval was made at " + claims.issuedAt() + "; here it is " + now + ".",
                    "The clock of this machine or of the approver's is off: check both, then approve again.");
        }
        if (claims.issuedAt().plus(LONGEST_VALIDITY).isBefore(claims.expiresAt())) {
            return refused(
                    "APPROVAL_TOO_LONG",
                    "The approval is made for longer than " + LONGEST_VALIDITY.toDays() + " days.",
                    "Approve again with an earlier expiry.");
        }
        if (lossSeconds > claims.lossCeilingSeconds()) {
            return refused(
                    "APPROVAL_LOSS_ABOVE_CEILING",
                    "The plan may lose " + lossSeconds + " s of commits; the approval covers "
                            + claims.lossCeilingSeconds() + " s.",
                    "Read the loss that the plan shows and approve with a ceiling that covers it.");
        }
        return Optional.empty();
    }

    private static Optional<ApprovalRefusedException> refused(String code, String message, String hint) {
        return Optional.of(new ApprovalRefusedException(code, message, hint));
    }
}
