package dev.muster.postgres.backup;

import dev.muster.postgres.checks.Databases;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All rows of all user tables of all databases, as hashes by table, for comparing a copy with what it was copied from. */
final class ClusterContent {
    private ClusterContent() {}

    /** Unlogged tables are left out: a copy has them empty, or cannot read them yet. */
    static Map<String, String> of(Databases server) throws SQLException {
        Map<String, String> content = new TreeMap<>();
        for (String database : names(server, "postgres", "select datname from pg_database where datallowconn")) {
            for (String table : names(
                    server,
                    database,
                    "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace where"
                            + " relkind in ('r', 'm') and relpersistence = 'p' and nspname <> 'information_schema'"
                            + " and nspname not like 'pg_%'")) {
                content.put(
                        database + "." + table,
                        names(
                                        server,
                                        database,
                                        "select count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' order by"
                                                + " t::text)), '') from " + table + " t")
                                .get(0));
            }
            // What the visibility map says: index-only scans trust it.
            for (String table : names(
                    server,
                    database,
                    "select distinct i.indrelid::regclass::text || ' ' || a.attname from pg_index i join pg_attribute a"
                            + " on a.attrelid = i.indrelid and a.attnum = i.indkey[0] join pg_class c on c.oid ="
                            + " i.indrelid join pg_namespace n on n.oid = c.relnamespace where i.indisprimary and"
                            + " c.relpersistence = 'p' and nspname not like 'pg_%' and nspname <>"
                            + " 'information_schema'")) {
                String[] parts = table.split(" ");
                content.put(
                        database + "." + parts[0] + " by index only",
                        names(
                                        server,
                                        database,
                                        "set enable_seqscan = off; set enable_bitmapscan = off; select count("
                                                + parts[1] + ") from " + parts[0])
                                .get(0));
            }
        }
        return content;
    }

    private static List<String> names(Databases server, String database, String sql) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            boolean rows = statement.execute(sql);
            while (!rows) {
                rows = statement.getMoreResults();
            }
            try (ResultSet result = statement.getResultSet()) {
                while (result.next()) {
                    names.add(result.getString(1));
                }
            }
        }
        return names;
    }
}
