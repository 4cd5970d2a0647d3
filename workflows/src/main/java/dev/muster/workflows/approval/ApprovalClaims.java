package dev.muster.workflows.approval;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
 * @param attested who approves, where an issuer signs for a person; null where a person signs. What stands here is
 *     believed from an issuer's key only
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
        Instant expiresAt,
        @Nullable Attested attested) {
    /**
     * What an issuer says of the person who approves: the API, which has checked the person's own token.
     *
     * @param approver the person's name, 1 to 200 characters
     * @param roles the person's roles at that moment
     * @param comment what the person said; may be empty
     */
    public record Attested(String approver, Set<String> roles, String comment) {
        private static final int LONGEST_NAME = 200;
        private static final int LONGEST_COMMENT = 300;

        public Attested {
            if (approver.isBlank() || approver.length() > LONGEST_NAME) {
                throw new IllegalArgumentException("An approver has a name of 1 to " + LONGEST_NAME + " characters");
            }
            if (comment.length() > LONGEST_COMMENT) {
                throw new IllegalArgumentException("A comment has at most " + LONGEST_COMMENT + " characters");
            }
            roles = Set.copyOf(roles);
        }
    }

    public ApprovalClaims {
        if (lossCeilingSeconds < 0) {
            throw new IllegalArgumentException("A loss ceiling is not negative: " + lossCeilingSeconds);
        }
        if (!expiresAt.isAfter(issuedAt)) {
            throw new IllegalArgumentException(
                    "An approval expires after it was issued: " + issuedAt + ", " + expiresAt);
        }
    }

    /** What a person signs for himself. */
    public ApprovalClaims(
            String id,
            String workflowId,
            String runId,
            Gate gate,
            String planHash,
            long lossCeilingSeconds,
            String requester,
            Instant issuedAt,
            Instant expiresAt) {
        this(id, workflowId, runId, gate, planHash, lossCeilingSeconds, requester, issuedAt, expiresAt, null);
    }
}
