package dev.muster.postgres.walscan;

import static dev.muster.postgres.walscan.LittleEndian.i32;
import static dev.muster.postgres.walscan.LittleEndian.u32;

/** Decodes rows of pg_class, pg_namespace and pg_database: only their columns of fixed width, at the front. */
final class CatalogueRow {
    static final long PG_CLASS = 1259;
    static final long PG_NAMESPACE = 2615;
    static final long PG_DATABASE = 1262;

    private static final int NAME_LENGTH = 64;
    private static final int PG_CLASS_WIDTH = 120;

    /**
     * A row of pg_class.
     *
     * @param kind r table, m materialised view, t toast, i index, S sequence, p partitioned table
     * @param file relfilenode, 0 for catalogues that the relation map places and for what has no file
     * @param toast oid of its toast relation, 0 for none
     * @param rows estimated rows, negative if never counted
     */
    record Relation(long oid, String name, long namespace, char kind, long file, long toast, float rows, int pages) {}

    private CatalogueRow() {}

    /** The oid, which is the first column of all three. */
    static long oid(byte[] tuple) {
        return u32(tuple, HeapTuple.dataOffset(tuple));
    }

    /** The name, which is the second column of all three. */
    static String name(byte[] tuple) {
        return TransactionRecord.text(tuple, HeapTuple.dataOffset(tuple) + 4, NAME_LENGTH);
    }

    static long relationFile(byte[] tuple) {
        return u32(tuple, HeapTuple.dataOffset(tuple) + 88);
    }

    /** Whether the tuple is long enough for the columns read here; a torn page of the backup may hold others. */
    static boolean isRelation(byte[] tuple) {
        return tuple.length >= HeapTuple.dataOffset(tuple) + PG_CLASS_WIDTH;
    }

    static boolean isNamed(byte[] tuple) {
        return tuple.length >= HeapTuple.dataOffset(tuple) + 4 + NAME_LENGTH;
    }

    static Relation relation(byte[] tuple, WalFormat format) {
        int at = HeapTuple.dataOffset(tuple);
        // PostgreSQL 18 put relallfrozen before reltoastrelid.
        int toast = at + (format.atLeast(18) ? 112 : 108);
        return new Relation(
                u32(tuple, at),
                name(tuple),
                u32(tuple, at + 68),
                (char) tuple[toast + 7],
                u32(tuple, at + 88),
                u32(tuple, toast),
                Float.intBitsToFloat(i32(tuple, at + 100)),
                i32(tuple, at + 96));
    }
}
