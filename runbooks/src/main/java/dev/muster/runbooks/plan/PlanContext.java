package dev.muster.runbooks.plan;

/**
 * What a plan is compiled for, beside the files and the observations.
 *
 * @param runId the run's ULID
 * @param requester who asks for the run, 1 to 200 characters
 * @param runbookHash SHA-256 of the runbook's file, see {@link StoredPlan#hash}
 * @param systemHash SHA-256 of the system's file
 */
public record PlanContext(String runId, String requester, String runbookHash, String systemHash) {
    public PlanContext {
        if (!runId.matches("[0-7][0-9A-HJKMNP-TV-Z]{25}")) {
            throw new IllegalArgumentException("A run's id is a ULID of 26 characters, not '" + runId + "'");
        }
        if (requester.isBlank() || requester.length() > 200) {
            throw new IllegalArgumentException("A run has a requester of 1 to 200 characters");
        }
        if (!runbookHash.matches("[0-9a-f]{64}") || !systemHash.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("A file's hash is 64 hexadecimal digits");
        }
    }
}
