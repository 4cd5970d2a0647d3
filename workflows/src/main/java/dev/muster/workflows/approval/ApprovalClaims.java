package dev.muster.workflows.approval;

import java.time.Instant;

/**
 * What an approval binds: somebody other than the requester lets this run pass this gate, with this plan, up to this
 * loss of data, until this moment. For another run, gate or plan it is worth nothing.
 *
 * @param id unique per approval, so that a repeat is recognised
 * @param workflowId the run's workflow
 * @param runId the run's ULID
 * @param planHash SHA-256 of the plan's stored bytes, 64 hexadecimal digits
 * @param lossCeilingSeconds the most loss of data, in seconds of commits, that the approver accepts; 0 for none
 * @param requester who asked for the run, as the approver saw it
 */
public record ApprovalClaims(
        String id,
        String workflowId,
        String runId,
        Gate gate,
        String planHash,
        long lossCeilingSeconds,
        String requester,
        Instant issuedAt,
        Instant expiresAt) {
    public ApprovalClaims {
        if (lossCeilingSeconds < 0) {
            throw new IllegalArgumentException("A loss ceiling is not negative: " + lossCeilingSeconds);
        }
        if (!expiresAt.isAfter(issuedAt)) {
            throw new IllegalArgumentException(
                    "An approval expires after it was issued: " + issuedAt + ", " + expiresAt);
        }
    }
}
