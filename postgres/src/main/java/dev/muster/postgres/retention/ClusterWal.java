package dev.muster.postgres.retention;

import java.util.List;

/**
 * What becomes of the WAL of one cluster.
 *
 * @param needs what is kept, and why
 * @param expired what goes, oldest first; nothing if there are doubts
 * @param kept how many objects stay
 * @param doubts why nothing goes
 * @param warnings what does not hinder, and should be looked at
 */
public record ClusterWal(
        String systemId,
        List<WalNeed> needs,
        List<ExpiredWal> expired,
        int kept,
        List<String> doubts,
        List<String> warnings) {
    public ClusterWal {
        needs = List.copyOf(needs);
        doubts = List.copyOf(doubts);
        warnings = List.copyOf(warnings);
        expired = doubts.isEmpty() ? List.copyOf(expired) : List.of();
    }
}
