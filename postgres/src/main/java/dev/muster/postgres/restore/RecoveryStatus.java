package dev.muster.postgres.restore;

import dev.muster.postgres.Lsn;
import java.time.Instant;
import java.util.Optional;

/**
 * How far a copy has come.
 *
 * @param replayed end of the last replayed record; empty before the copy is consistent and can be asked
 * @param lastTransaction commit time of the last replayed transaction
 */
public record RecoveryStatus(Phase phase, Optional<Lsn> replayed, Optional<Instant> lastTransaction) {
    /** What the copy's server is doing. */
    public enum Phase {
        /** No server runs. */
        DOWN,
        /** Replaying towards consistency; it cannot be asked yet. */
        STARTING,
        /** Replaying, and open for reading. */
        REPLAYING,
        /** Standing still in recovery, open for reading. */
        PAUSED,
        /** No longer in recovery: a writable server on a timeline of its own. */
        PROMOTED
    }
}
