package dev.muster.postgres.rejoin;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How an old primary's data directory is related to the new primary.
 *
 * @param directory of the old primary
 * @param systemId of the old primary, in decimal
 * @param fork where the two histories part, or where the old one ends if it is behind; no position if they are unrelated
 * @param end of the old one's last whole record; no position where it was not looked for
 * @param controlHash SHA-256 of the old one's pg_control: changes with every start and checkpoint
 * @param damaged the old one's WAL has damage before its end, so that {@code end} is the end of its last file
 * @param doubts what could not be proved, in words
 * @param why the relation, in a sentence
 */
public record Ancestry(
        Path directory,
        String systemId,
        Relation relation,
        int oldTimeline,
        int newTimeline,
        Lsn fork,
        Lsn end,
        int segmentSize,
        String controlHash,
        boolean damaged,
        List<String> doubts,
        String why) {
    /** What the old primary is to the new one. */
    public enum Relation {
        /** All that it has is on the new primary. */
        BEHIND,
        /** It wrote after the new primary had left its timeline. */
        DIVERGED,
        /** It, or a server that it followed, was promoted to a timeline that the new primary does not know. */
        PROMOTED_ELSEWHERE,
        /** It was never on the new primary's history. */
        UNRELATED
    }

    public Ancestry {
        doubts = List.copyOf(doubts);
    }

    /** The WAL that only the old primary has; empty if there is none. */
    public Optional<DivergentRange> divergence() {
        return relation == Relation.DIVERGED
                ? Optional.of(new DivergentRange(oldTimeline, fork, end))
                : Optional.empty();
    }

    /** @throws PostgresException REJOIN_UNRELATED, REJOIN_OTHER_TIMELINE if it must not rejoin */
    public Ancestry requireJoinable() {
        if (relation == Relation.UNRELATED) {
            throw new PostgresException(
                    "REJOIN_UNRELATED",
                    "The data directory " + directory + " is not of the new primary's history: " + why
                            + "; nothing was changed",
                    "Is it the right directory, and the right primary? To make it a standby all the same, empty it by"
                            + " hand and restore a backup there.");
        }
        if (relation == Relation.PROMOTED_ELSEWHERE) {
            throw new PostgresException(
                    "REJOIN_OTHER_TIMELINE",
                    "The data directory " + directory + " is ahead of the new primary: " + why
                            + "; nothing was changed",
                    "Somebody promoted it, or a server that it followed. Decide which of the two is right, and keep the"
                            + " other's data directory until nobody misses anything.");
        }
        return this;
    }
}
