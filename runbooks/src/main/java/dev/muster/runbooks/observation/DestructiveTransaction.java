package dev.muster.runbooks.observation;

import dev.muster.runbooks.WalPosition;
import java.time.Instant;
import java.util.List;

/**
 * A committed transaction that destroyed data, as the WAL tells.
 *
 * @param commitStart start of its commit record: replay to here, exclusive, leaves it out
 * @param commitEnd end of its commit record
 * @param commitTime by the server's clock
 * @param relations what it deleted from, at least one
 */
public record DestructiveTransaction(
        long xid,
        int timeline,
        WalPosition commitStart,
        WalPosition commitEnd,
        Instant commitTime,
        List<Relation> relations) {
    public DestructiveTransaction {
        relations = List.copyOf(relations);
    }

    /**
     * @param name with its schema, such as {@code public.payments}
     * @param rowsDeleted at least this many
     */
    public record Relation(String name, long rowsDeleted) {}

    /** Rows deleted in all relations. */
    public long rowsDeleted() {
        return relations.stream().mapToLong(Relation::rowsDeleted).sum();
    }
}
