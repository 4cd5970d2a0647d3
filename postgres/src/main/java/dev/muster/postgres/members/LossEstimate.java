package dev.muster.postgres.members;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What a promotion would lose, as an interval (SAFETY "Failover" 5): at least what the primary is known to have written
 * and nobody else has; at most that and whatever it wrote after it was last seen, which nobody knows.
 *
 * @param known the primary's last known position
 * @param age of that knowledge when the estimate was made, until the primary was stopped or now
 * @param candidate what the candidate has
 * @param stored the end of the WAL in the store that follows on from the candidate's without a gap; replayed first
 * @param atLeast bytes
 * @param atMost bytes; empty if the primary could have written for some time after it was last seen
 */
public record LossEstimate(
        Lsn known, Duration age, Lsn candidate, Optional<Lsn> stored, long atLeast, Optional<Long> atMost) {
    /**
     * @param knownAt when the primary was seen at that position
     * @param writtenUntil until when it may have written: when it was stopped, or now
     */
    public static LossEstimate of(
            Lsn known, Instant knownAt, Instant writtenUntil, Lsn candidate, Optional<Lsn> stored) {
        Duration age = Duration.between(knownAt, writtenUntil);
        Duration counted = age.isNegative() ? Duration.ZERO : age;
        long atLeast = Math.max(0, known.minus(reached(candidate, stored)));
        return new LossEstimate(
                known, counted, candidate, stored, atLeast, counted.isZero() ? Optional.of(atLeast) : Optional.empty());
    }

    private static Lsn reached(Lsn candidate, Optional<Lsn> stored) {
        return stored.filter(end -> end.isAfter(candidate)).orElse(candidate);
    }

    /** Where the candidate will be when it has replayed what the store has. */
    public Lsn reached() {
        return reached(candidate, stored);
    }

    /**
     * @param limit bytes that the candidate may lack of what is known
     * @throws PostgresException CANDIDATE_BEHIND
     */
    public void refuseBeyond(long limit) {
        if (atLeast > limit) {
            throw new PostgresException(
                    "CANDIDATE_BEHIND",
                    "The candidate would come up to " + reached() + ", and the primary was seen at " + known + " "
                            + age.toSeconds() + " s before the end: at least " + atLeast
                            + " bytes would be lost, the limit is " + limit,
                    "Take a candidate that is further, bring the primary's WAL to the store, or start a run that"
                            + " accepts this loss.");
        }
    }
}
