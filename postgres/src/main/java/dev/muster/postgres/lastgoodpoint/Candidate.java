package dev.muster.postgres.lastgoodpoint;

import dev.muster.postgres.Lsn;
import java.time.Instant;
import java.util.List;

/**
 * A transaction that may be the one to go back before.
 *
 * @param target start of its commit record: recover to here, exclusive
 * @param readableTarget where to pause a copy to read what the transaction truncated or dropped, exclusive: at
 *     {@code target} its locks would keep readers out; the same as {@code target} if it only changed rows
 * @param score higher is more destructive; only for comparison within one report
 * @param victims what it destroyed, worst first
 * @param reasons why it was chosen, one sentence each
 * @param mayHaveBegunEarlier it was under way when the range began: the counts may be too low
 */
public record Candidate(
        long xid,
        Lsn target,
        Lsn commitEnd,
        Lsn readableTarget,
        Instant commitTime,
        double score,
        List<Victim> victims,
        List<String> reasons,
        boolean mayHaveBegunEarlier) {
    /** Rows deleted, over all relations. */
    public long rowsDeleted() {
        return victims.stream()
                .filter(victim -> victim.damage() == Victim.Damage.DELETED)
                .mapToLong(victim -> victim.rows().orElse(0))
                .sum();
    }
}
