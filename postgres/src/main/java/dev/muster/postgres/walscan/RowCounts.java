package dev.muster.postgres.walscan;

/**
 * Rows that a transaction changed in one relation. A row that it updated and then deleted counts in both.
 *
 * @param moved rows that an UPDATE took to another partition; they also count as inserted there
 */
public record RowCounts(long inserted, long updated, long deleted, long moved) {
    public static final RowCounts NONE = new RowCounts(0, 0, 0, 0);

    public RowCounts plus(RowCounts other) {
        return new RowCounts(
                inserted + other.inserted, updated + other.updated, deleted + other.deleted, moved + other.moved);
    }
}
