package dev.muster.postgres.checks;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.checks.AmcheckReport.Finding;
import dev.muster.postgres.checks.AmcheckReport.NotChecked;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs PostgreSQL's amcheck over all tables and B-tree indexes of all databases that allow connections. */
public final class Amcheck {
    private static final int LISTED = 1000;
    private static final String HEAPS = "select c.oid::bigint, c.oid::regclass::text from pg_class c"
            + " join pg_am a on a.oid = c.relam where c.relkind in ('r', 'm', 't') and a.amname = 'heap'"
            + " and c.relpersistence <> 't' and (c.relpersistence <> 'u' or not pg_is_in_recovery()) order by 1";
    private static final String INDEXES = "select c.oid::bigint, c.oid::regclass::text from pg_class c"
            + " join pg_am a on a.oid = c.relam join pg_index i on i.indexrelid = c.oid where c.relkind = 'i'"
            + " and a.amname = 'btree' and i.indisready and i.indisvalid and c.relpersistence <> 't'"
            + " and (c.relpersistence <> 'u' or not pg_is_in_recovery()) order by 1";

    private final Databases server;
    private final boolean heapAllIndexed;
    private final Duration limit;
    private final List<Finding> findings = new ArrayList<>();
    private final List<NotChecked> notChecked = new ArrayList<>();
    private long heaps;
    private long indexes;

    private Amcheck(Databases server, boolean heapAllIndexed, Duration limit) {
        this.server = server;
        this.heapAllIndexed = heapAllIndexed;
        this.limit = limit;
    }

    /**
     * Checks the whole server, which may be a copy paused in recovery.
     *
     * @param maintenance a database that is there, such as {@code postgres}
     * @param heapAllIndexed whether to look up each row in each index too, which takes much longer
     * @param limit for each relation; one that takes longer counts as not checked
     * @throws PostgresException CHECK_FAILED if the server cannot be asked for its databases
     */
    public static AmcheckReport run(Databases server, String maintenance, boolean heapAllIndexed, Duration limit) {
        Amcheck check = new Amcheck(server, heapAllIndexed, limit);
        for (String database : check.databases(maintenance)) {
            check.checkDatabase(database);
        }
        return new AmcheckReport(
                check.heaps, check.indexes, List.copyOf(check.findings), List.copyOf(check.notChecked));
    }

    private List<String> databases(String maintenance) {
        List<String> names = new ArrayList<>();
        try (Connection connection = server.connect(maintenance);
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("select datname from pg_database where datallowconn order by datname")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        } catch (SQLException e) {
            throw new PostgresException(
                    "CHECK_FAILED",
                    "Cannot list the databases of the server: " + e.getMessage(),
                    "Does the server run, and may this user connect to database " + maintenance + "?",
                    e);
        }
        return names;
    }

    private void checkDatabase(String database) {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            Optional<String> schema = extensionSchema(statement);
            if (schema.isEmpty()) {
                notChecked.add(new NotChecked(
                        database, "", "not checked: extension amcheck is missing in database " + database));
                return;
            }
            statement.execute("set statement_timeout = " + limit.toMillis() + "; set search_path = pg_catalog");
            for (Relation heap : relations(statement, HEAPS)) {
                checkHeap(connection, database, schema.get(), heap);
            }
            for (Relation index : relations(statement, INDEXES)) {
                checkIndex(connection, database, schema.get(), index);
            }
        } catch (SQLException e) {
            notChecked.add(new NotChecked(database, "", "not checked: " + e.getMessage()));
        }
    }

    private record Relation(long oid, String name) {}

    private static Optional<String> extensionSchema(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("select quote_ident(n.nspname) from pg_extension e"
                + " join pg_namespace n on n.oid = e.extnamespace where e.extname = 'amcheck'")) {
            return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
        }
    }

    private static List<Relation> relations(Statement statement, String query) throws SQLException {
        List<Relation> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                found.add(new Relation(rows.getLong(1), rows.getString(2)));
            }
        }
        return found;
    }

    private void checkHeap(Connection connection, String database, String schema, Relation heap) {
        try (PreparedStatement query = connection.prepareStatement("select blkno, offnum, attnum, msg from " + schema
                + ".verify_heapam(?::oid::regclass, check_toast := true)")) {
            query.setLong(1, heap.oid());
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    String place = rows.getString(2) == null ? "" : "row " + rows.getString(2) + ": ";
                    add(new Finding(database, heap.name(), rows.getLong(1), place + rows.getString(4)));
                }
            }
            heaps++;
        } catch (SQLException e) {
            failed(database, heap, e);
        }
    }

    private void checkIndex(Connection connection, String database, String schema, Relation index) {
        try (PreparedStatement query =
                connection.prepareStatement("select " + schema + ".bt_index_check(?::oid::regclass, ?)")) {
            query.setLong(1, index.oid());
            query.setBoolean(2, heapAllIndexed);
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
            }
            indexes++;
        } catch (SQLException e) {
            failed(database, index, e);
        }
    }

    /** Damage comes as errors of class XX; anything else says nothing about the relation. */
    private void failed(String database, Relation relation, SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        if (state.startsWith("XX")) {
            add(new Finding(database, relation.name(), -1, String.valueOf(e.getMessage())));
        } else if (!state.equals("42P01")) {
            notChecked.add(new NotChecked(database, relation.name(), "not checked: " + e.getMessage()));
        }
    }

    private void add(Finding finding) {
        if (findings.size() < LISTED) {
            findings.add(finding);
        }
    }
}
