package dev.muster.postgres.rowreturn;

import dev.muster.postgres.walscan.RelationFile;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Looks tables up in a server's catalogues. The session's search path must be empty, so that types come qualified. */
final class Tables {
    private static final String COLUMNS = "select a.attname, format_type(a.atttypid, a.atttypmod), n.nspname,"
            + " a.attgenerated <> '' from pg_attribute a join pg_type t on t.oid = a.atttypid"
            + " join pg_namespace n on n.oid = t.typnamespace"
            + " where a.attrelid = ? and a.attnum > 0 and not a.attisdropped order by a.attnum";
    // The primary key before other unique keys, the narrowest of those first.
    private static final String KEY =
            "select array(select a.attname from unnest(i.indkey::int2[]) with ordinality k(n, o)"
                    + " join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.n where k.o <= i.indnkeyatts order by k.o)"
                    + " from pg_index i where i.indrelid = ? and i.indisunique and i.indisvalid and i.indimmediate"
                    + " and i.indpred is null and i.indexprs is null and not exists (select from unnest(i.indkey::int2[])"
                    + " with ordinality k(n, o) join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.n"
                    + " where k.o <= i.indnkeyatts and (not a.attnotnull or a.attgenerated <> ''))"
                    + " order by i.indisprimary desc, i.indnkeyatts, i.indexrelid limit 1";

    private final Connection connection;

    Tables(Connection connection) {
        this.connection = connection;
    }

    /** The oid of the relation that has this file now, if there is one. */
    Optional<Long> oid(RelationFile file) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("select pg_filenode_relation(?::oid, ?::oid)::oid::bigint")) {
            query.setLong(1, file.tablespace());
            query.setLong(2, file.number());
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
                long oid = rows.getLong(1);
                return rows.wasNull() ? Optional.empty() : Optional.of(oid);
            }
        }
    }

    Optional<Table> byOid(long oid) throws SQLException {
        return find("c.oid = ?::oid", Long.toString(oid), null);
    }

    Optional<Table> byName(String schema, String name) throws SQLException {
        return find("n.nspname = ? and c.relname = ?", schema, name);
    }

    private Optional<Table> find(String condition, String first, @org.jspecify.annotations.Nullable String second)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "select c.oid::bigint, n.nspname, c.relname, c.relkind::text from pg_class c"
                        + " join pg_namespace n on n.oid = c.relnamespace where " + condition)) {
            query.setString(1, first);
            if (second != null) {
                query.setString(2, second);
            }
            try (ResultSet rows = query.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                long oid = rows.getLong(1);
                return Optional.of(new Table(
                        oid,
                        rows.getString(2),
                        rows.getString(3),
                        rows.getString(4).charAt(0),
                        columns(oid),
                        key(oid)));
            }
        }
    }

    private List<Table.Column> columns(long oid) throws SQLException {
        List<Table.Column> columns = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(COLUMNS)) {
            query.setLong(1, oid);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    columns.add(new Table.Column(
                            rows.getString(1), rows.getString(2), rows.getString(3), rows.getBoolean(4)));
                }
            }
        }
        return List.copyOf(columns);
    }

    private List<String> key(long oid) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(KEY)) {
            query.setLong(1, oid);
            try (ResultSet rows = query.executeQuery()) {
                return rows.next() ? List.of((String[]) rows.getArray(1).getArray()) : List.of();
            }
        }
    }

    /** What on the table would act on an INSERT: names of enabled user triggers and of rules. */
    List<String> insertActions(long oid) throws SQLException {
        List<String> names = new ArrayList<>();
        try (PreparedStatement query =
                connection.prepareStatement("select 'trigger ' || tgname from pg_trigger t where tgrelid = ?::oid"
                        // Before PostgreSQL 15 a trigger that a partition has from its parent counts as internal.
                        + " and (not tgisinternal or tgparentid <> 0 and not exists (select from pg_constraint c"
                        + " where c.oid = t.tgconstraint and c.contype <> 't'))"
                        + " and tgenabled in ('O', 'A') and (tgtype & 4) <> 0"
                        + " union all select 'rule ' || rulename from pg_rewrite where ev_class = ?::oid"
                        + " and ev_type = '3' and ev_enabled in ('O', 'A') order by 1")) {
            query.setLong(1, oid);
            query.setLong(2, oid);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
        }
        return names;
    }

    /** Foreign keys among these tables, also where they were declared on the tables that these are partitions of. */
    Set<InsertOrder.Reference> references(List<Long> oids) throws SQLException {
        Set<InsertOrder.Reference> references = new HashSet<>();
        try (PreparedStatement query =
                connection.prepareStatement("with own as (select oid, oid as family from unnest(?::oid[]) oid union"
                        + " select oid, family from unnest(?::oid[]) oid, pg_partition_ancestors(oid) family)"
                        + " select distinct child.oid::bigint, parent.oid::bigint from pg_constraint"
                        + " join own child on child.family = conrelid join own parent on parent.family = confrelid"
                        + " where contype = 'f'")) {
            var array = connection.createArrayOf("int8", oids.toArray());
            query.setArray(1, array);
            query.setArray(2, array);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    references.add(new InsertOrder.Reference(rows.getLong(1), rows.getLong(2)));
                }
            }
        }
        return references;
    }
}
