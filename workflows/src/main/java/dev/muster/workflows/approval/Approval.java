package dev.muster.workflows.approval;

import java.util.Set;

/**
 * A verified approval.
 *
 * @param approver who approves: the subject of a personal key by the verifier's own list, whatever the token says of
 *     itself; or whom an issuer's key attests
 * @param roles the approver's roles, from the same place
 */
public record Approval(String approver, Set<String> roles, String keyId, ApprovalClaims claims) {
    public Approval {
        roles = Set.copyOf(roles);
    }
}
