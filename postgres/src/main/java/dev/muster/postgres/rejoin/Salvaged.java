package dev.muster.postgres.rejoin;

import java.util.Optional;

/**
 * A salvage in the repository.
 *
 * @param source where it is: the cluster's source with {@code -salvage}
 * @param id a ULID
 * @param token of the run that stored it
 * @param controlHash SHA-256 of the old primary's pg_control then
 * @param bytes of WAL
 * @param committed transactions that only the old primary had
 * @param unfinished transactions that were prepared or open
 */
public record Salvaged(
        String source,
        String id,
        String token,
        String systemId,
        DivergentRange range,
        String controlHash,
        long bytes,
        long committed,
        long unfinished) {
    /** Whether it holds all that an old primary has now. */
    boolean covers(Ancestry ancestry) {
        return systemId.equals(ancestry.systemId())
                && controlHash.equals(ancestry.controlHash())
                && ancestry.divergence().equals(Optional.of(range));
    }
}
