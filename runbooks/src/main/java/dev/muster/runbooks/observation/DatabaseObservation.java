package dev.muster.runbooks.observation;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.muster.runbooks.WalPosition;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the host worker saw of the live database and of the place for a copy. A database that is down is an
 * observation, not an error.
 *
 * @param live null if the database could not be reached
 * @param unreachableBecause why not; empty if it was reached
 * @param copy null for scenarios that make no copy
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DatabaseObservation(
        Instant observedAt,
        @Nullable Live live,
        String unreachableBecause,
        @Nullable CopySpace copy) {

    /**
     * A database that answers.
     *
     * @param serverVersion PostgreSQL's server_version_num, such as 180006
     * @param systemId the cluster's identity, in decimal
     * @param walEnd where it writes now, or has replayed to
     * @param bytes size of the cluster on disk
     * @param dataChecksums whether pages have checksums
     * @param inRecovery whether it is a standby or a copy, and so takes no writes
     */
    public record Live(
            int serverVersion,
            String systemId,
            int timeline,
            WalPosition walEnd,
            long bytes,
            boolean dataChecksums,
            boolean inRecovery) {}

    /**
     * Where the copy would go.
     *
     * @param directory absolute; the runbook's, or the host worker's choice
     * @param freeBytes at that place
     * @param unusableBecause empty if it may be used; else why not, such as that somebody else's files are there
     */
    public record CopySpace(String directory, long freeBytes, String unusableBecause) {
        public CopySpace {
            if (!directory.startsWith("/")) {
                throw new IllegalArgumentException("A copy's directory is absolute, not '" + directory + "'");
            }
        }
    }

    /** Where the scenario has nothing to do with the live database: nobody asked it. */
    public static DatabaseObservation notAsked(Instant at) {
        return new DatabaseObservation(at, null, "not asked", null);
    }

    public boolean reachable() {
        return live != null;
    }
}
