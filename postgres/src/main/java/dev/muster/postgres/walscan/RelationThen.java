package dev.muster.postgres.walscan;

import java.util.OptionalLong;

/**
 * A relation as it was known just before a transaction committed.
 *
 * @param file its file then
 * @param oid in pg_class; stays the same over renames and TRUNCATE
 * @param schema its schema's name
 * @param kind r table, m materialised view, t toast, i index, S sequence
 * @param fate what the transaction did to the relation as a whole
 * @param owner for a toast relation the oid of the table that it belongs to, otherwise 0
 * @param estimatedRows as PostgreSQL had last counted, empty if it never did
 */
public record RelationThen(
        RelationFile file,
        String database,
        String schema,
        String name,
        long oid,
        char kind,
        Fate fate,
        long owner,
        OptionalLong estimatedRows) {
    /** The first oid that is given to what users create. */
    private static final long FIRST_USER_OID = 16384;

    /** What became of a relation by a transaction. */
    public enum Fate {
        KEPT,
        /** Emptied by TRUNCATE. */
        TRUNCATED,
        DROPPED,
        /** Given a new file with the same rows: VACUUM FULL, CLUSTER, ALTER TABLE, REFRESH MATERIALIZED VIEW. */
        REWRITTEN,
        /** Made by the transaction itself. */
        CREATED
    }

    public boolean isSystem() {
        return oid < FIRST_USER_OID;
    }

    /** Whether it holds rows that users would miss. */
    public boolean holdsRows() {
        return !isSystem() && (kind == 'r' || kind == 'm');
    }

    /** {@code database.schema.name} for messages. */
    public String qualifiedName() {
        return database + "." + schema + "." + name;
    }
}
