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
        List<String> databases;
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            databases = column(statement, "select datname from pg_database where datallowconn");
        }
        Map<String, String> content = new TreeMap<>();
        for (String database : databases) {
            try (Connection connection = server.connect(database);
                    Statement statement = connection.createStatement()) {
                add(content, database, statement);
            }
        }
        return content;
    }

    private static void add(Map<String, String> content, String database, Statement statement) throws SQLException {
        String mine = "join pg_namespace n on n.oid = c.relnamespace where relpersistence = 'p'"
                + " and nspname <> 'information_schema' and nspname not like 'pg_%'";
        for (String table : column(
                statement, "select c.oid::regclass::text from pg_class c " + mine + " and relkind in ('r', 'm')")) {
            String rows = "select count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' order by t::text)), '') from "
                    + table + " t";
            content.put(database + "." + table, column(statement, rows).get(0));
        }
        // What the visibility map says: index-only scans trust it.
        statement.execute("set enable_seqscan = off; set enable_bitmapscan = off");
        for (String indexed : column(
                statement,
                "select c.oid::regclass::text || ' ' || a.attname from pg_index i join pg_attribute a on a.attrelid ="
                        + " i.indrelid and a.attnum = i.indkey[0] and i.indisprimary join pg_class c on c.oid ="
                        + " i.indrelid " + mine)) {
            String[] parts = indexed.split(" ");
            content.put(
                    database + "." + parts[0] + " by index only",
                    column(statement, "select count(" + parts[1] + ") from " + parts[0])
                            .get(0));
        }
    }

    private static List<String> column(Statement statement, String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                values.add(result.getString(1));
            }
        }
        return values;
    }
}
