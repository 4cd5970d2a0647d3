package dev.muster.repository.proof;

import dev.muster.repository.verification.Problem;
import java.time.Instant;
import java.util.Optional;

/**
 * What the looks at every byte say of one backup: of its COMMIT and manifest, and of all map objects and packs that it is
 * restored from, those of other backups included. WAL is not part of it.
 *
 * @param problemCount of this look
 * @param first of them
 * @param since when the object was found sound whose look is longest ago; empty if one is not sound, or was never looked at
 */
public record ContentResult(String backup, long problemCount, Optional<Problem> first, Optional<Instant> since) {
    /** Whether it says anything: a backup that the budget has not reached yet is neither sound nor not. */
    public boolean known() {
        return problemCount > 0 || since.isPresent();
    }
}
