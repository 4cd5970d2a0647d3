package dev.muster.postgres.rowreturn;

import java.util.List;

/**
 * A table as one server knows it.
 *
 * @param oid in pg_class
 * @param columns without dropped ones, in order
 * @param key columns of the primary key, or of another unique key that cannot be null; empty if there is none
 */
record Table(long oid, String schema, String name, char kind, List<Column> columns, List<String> key) {
    /**
     * A column.
     *
     * @param type as PostgreSQL writes it, with schema and length
     * @param typeSchema where the type, and so its operators, live
     * @param generated computed by the server, so that it cannot be written
     */
    record Column(String name, String type, String typeSchema, boolean generated) {}

    /** Names of the columns that can be written. */
    List<String> written() {
        return columns.stream()
                .filter(column -> !column.generated())
                .map(Column::name)
                .toList();
    }

    String qualifiedName() {
        return schema + "." + name;
    }
}
