package dev.muster.workflows.approval;

/**
 * A verified approval.
 *
 * @param approver who signed, by the verifier's own list of keys, never by what the token says of itself
 */
public record Approval(String approver, String keyId, ApprovalClaims claims) {}
