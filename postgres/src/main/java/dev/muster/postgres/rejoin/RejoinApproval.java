package dev.muster.postgres.rejoin;

import dev.muster.postgres.PostgresException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What somebody has seen and agreed to lose the place of: a data directory may be changed by this alone.
 *
 * @param directory of the old primary
 * @param systemId in decimal
 * @param range that was shown as divergent; empty if nothing was
 */
public record RejoinApproval(Path directory, String systemId, Optional<DivergentRange> range) {
    /** Of what an ancestry shows. */
    public static RejoinApproval of(Ancestry shown) {
        return new RejoinApproval(shown.directory(), shown.systemId(), shown.divergence());
    }

    /** @throws PostgresException REJOIN_NOT_APPROVED, REJOIN_APPROVAL_STALE */
    static void require(Optional<RejoinApproval> given, Ancestry ancestry) {
        String what = ancestry.directory() + " of system " + ancestry.systemId() + ", divergent "
                + ancestry.divergence().map(DivergentRange::toString).orElse("nowhere");
        RejoinApproval approval = given.orElseThrow(() -> new PostgresException(
                "REJOIN_NOT_APPROVED",
                "Nobody has approved that the data directory is changed: " + what,
                "What only it has is in the repository already: show the salvage, then approve it with this range."));
        boolean same = approval.directory().toAbsolutePath().normalize().equals(ancestry.directory())
                && approval.systemId().equals(ancestry.systemId())
                && approval.range().equals(ancestry.divergence());
        if (!same) {
            throw new PostgresException(
                    "REJOIN_APPROVAL_STALE",
                    "The approval is for " + approval.directory() + " of system " + approval.systemId()
                            + ", divergent "
                            + approval.range().map(DivergentRange::toString).orElse("nowhere") + "; it is now " + what,
                    "The old primary may have been started since. What it wrote is salvaged: show it, then approve it"
                            + " anew.");
        }
    }
}
