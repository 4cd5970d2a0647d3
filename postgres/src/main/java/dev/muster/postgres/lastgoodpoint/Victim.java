package dev.muster.postgres.lastgoodpoint;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a transaction did to one relation, or to a whole database.
 *
 * @param schema empty for a database
 * @param name of the relation as it was called then, empty for a database
 * @param oid of the relation in pg_class, or of the database
 * @param rows rows lost or changed; for a truncated or dropped relation as last estimated, empty if never
 * @param share of the relation's rows, above 0 up to 1; empty if its size is not known
 * @param typical rows that the median of the other transactions touched in this way there, 0 if no other did
 */
public record Victim(
        Damage damage,
        String database,
        String schema,
        String name,
        long oid,
        OptionalLong rows,
        OptionalDouble share,
        long typical) {
    /** Ways to lose data. */
    public enum Damage {
        DELETED,
        UPDATED,
        TRUNCATED,
        DROPPED,
        DATABASE_DROPPED
    }

    public String qualifiedName() {
        return damage == Damage.DATABASE_DROPPED ? database : database + "." + schema + "." + name;
    }
}
