package dev.muster.postgres.rowreturn;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * How rows are brought back.
 *
 * @param fireTriggers whether the live tables' own INSERT triggers may fire; otherwise their presence is refused
 * @param wholeRelations oids of relations all of whose rows on the copy are to come back: those that were truncated
 * @param temporary an existing folder on this host for row positions, 8 bytes per row
 * @param batch rows read from the copy by one query, 1 to 100,000
 * @param maxRowsHeld most rows that the transaction wrote itself to keep track of in memory
 * @param lockTimeout how long the live transaction waits for a lock
 * @param statementTimeout how long one statement may take on the live database
 */
public record ReturnOptions(
        boolean fireTriggers,
        Set<Long> wholeRelations,
        Path temporary,
        int batch,
        long maxRowsHeld,
        Duration lockTimeout,
        Duration statementTimeout) {
    public ReturnOptions {
        if (batch < 1 || batch > 100_000) {
            throw new IllegalArgumentException("batch must be 1 to 100,000, not " + batch);
        }
        wholeRelations = Set.copyOf(wholeRelations);
    }

    /** Triggers refused, all relations that lost rows by DELETE, 30 s for locks, an hour per statement. */
    public static ReturnOptions defaults(Path temporary) {
        return new ReturnOptions(
                false, Set.of(), temporary, 5_000, 8_000_000, Duration.ofSeconds(30), Duration.ofHours(1));
    }

    public ReturnOptions firingTriggers() {
        return new ReturnOptions(true, wholeRelations, temporary, batch, maxRowsHeld, lockTimeout, statementTimeout);
    }

    public ReturnOptions withWholeRelations(Set<Long> oids) {
        return new ReturnOptions(fireTriggers, oids, temporary, batch, maxRowsHeld, lockTimeout, statementTimeout);
    }
}
