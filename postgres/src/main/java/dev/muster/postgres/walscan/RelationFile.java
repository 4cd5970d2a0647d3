package dev.muster.postgres.walscan;

/**
 * The physical identity of a relation, as WAL names it. It changes when the relation is rewritten or truncated.
 *
 * @param tablespace oid of the tablespace (1663 is the default one, 1664 the shared one)
 * @param database oid of the database, 0 for shared relations
 * @param number relfilenode, the name of the file
 */
public record RelationFile(long tablespace, long database, long number) implements Comparable<RelationFile> {
    @Override
    public int compareTo(RelationFile other) {
        int order = Long.compare(database, other.database);
        if (order == 0) {
            order = Long.compare(tablespace, other.tablespace);
        }
        return order == 0 ? Long.compare(number, other.number) : order;
    }

    @Override
    public String toString() {
        return tablespace + "/" + database + "/" + number;
    }
}
