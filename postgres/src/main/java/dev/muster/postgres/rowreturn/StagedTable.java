package dev.muster.postgres.rowreturn;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.rowreturn.ReturnResult.ReturnedRelation;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/**
 * The rows of one table on their way: read from the copy into a temporary table of the live session, compared and
 * inserted from there.
 */
final class StagedTable {
    private static final int LISTED_CONFLICTS = 100;
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final Connection copy;
    private final Connection live;
    private final Table from;
    private final Table to;
    private final String stage;
    private final String then;
    private final String target;
    private final List<String> columns;
    private long expected;
    private long returned;
    private long alreadyThere;
    private String contentHash = "";
    private List<String> conflicts = List.of();

    StagedTable(Connection copy, Connection live, Table from, Table to, int number) {
        this.copy = copy;
        this.live = live;
        this.from = from;
        this.to = to;
        this.stage = "pg_temp.muster_rows_" + number;
        this.then = "pg_temp.muster_then_" + number;
        this.target = Sql.quote(to.schema(), to.name());
        this.columns = from.written();
    }

    boolean isFrom(Table table) {
        return from.equals(table);
    }

    /** Creates the temporary table; outside of any transaction. */
    void create() throws SQLException {
        try (Statement statement = live.createStatement()) {
            statement.execute("create temporary table " + stage.substring("pg_temp.".length()) + " as select "
                    + Sql.columns(columns) + " from " + target + " with no data");
        }
    }

    /** Reads the rows at these positions, or fails if the copy does not show all of them. */
    void load(TidSpill positions, int batch) {
        positions.each(batch, group -> {
            String list = java.util.Arrays.stream(group)
                    .mapToObj(tid -> "\"(" + Tid.block(tid) + "," + Tid.offset(tid) + ")\"")
                    .collect(Collectors.joining(",", "'{", "}'"));
            transfer(select("t where ctid = any(" + list + "::tid[])"), stage + " (" + Sql.columns(columns) + ")");
        });
        expected = number("select count(*) from " + stage);
        if (expected != positions.count()) {
            throw new PostgresException(
                    "ROWS_NOT_ON_COPY",
                    "The transaction deleted " + positions.count() + " rows of " + from.qualifiedName()
                            + ", but the copy shows " + expected + " of them",
                    "Is the copy recovered to the start of this transaction's commit record, exclusive, and paused"
                            + " there? Nothing was changed.");
        }
    }

    /** Reads all rows of the table. */
    void loadAll() {
        transfer(select("t"), stage + " (" + Sql.columns(columns) + ")");
        expected = number("select count(*) from " + stage);
    }

    /** Without a key, how many equal rows there were tells how many there should be again. */
    void prepareComparison() throws SQLException {
        try (Statement statement = live.createStatement()) {
            statement.execute("analyze " + stage);
            if (to.key().isEmpty()) {
                statement.execute("create temporary table " + then.substring("pg_temp.".length())
                        + " (hash text primary key, rows bigint)");
                transfer(
                        "select md5(" + Sql.content("t", columns) + "), count(*) from only "
                                + Sql.quote(from.schema(), from.name()) + " t group by 1",
                        then);
            }
        }
    }

    private String select(String source) {
        return "select " + Sql.columns("t", columns) + " from only " + Sql.quote(from.schema(), from.name()) + " "
                + source;
    }

    private void transfer(String query, String table) {
        @Nullable CopyIn in = null;
        try {
            CopyOut out = copy.unwrap(PGConnection.class).getCopyAPI().copyOut("copy (" + query + ") to stdout");
            in = live.unwrap(PGConnection.class).getCopyAPI().copyIn("copy " + table + " from stdin");
            for (byte[] row = out.readFromCopy(); row != null; row = out.readFromCopy()) {
                in.writeToCopy(row, 0, row.length);
            }
            in.endCopy();
        } catch (SQLException e) {
            if (in != null && in.isActive()) {
                cancel(in, e);
            }
            if (LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw new PostgresException(
                        "COPY_LOCKED",
                        "The copy has replayed a lock on " + from.qualifiedName()
                                + " and cannot read it while it is paused",
                        "The transaction locked the table for itself (TRUNCATE, LOCK, ALTER). Pause a copy before that:"
                                + " at the transaction's readable target, exclusive. Nothing was changed.",
                        e);
            }
            throw failed("read rows of " + from.qualifiedName() + " from the copy", e);
        }
    }

    private static void cancel(CopyIn in, SQLException cause) {
        try {
            in.cancelCopy();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /** Inserts what is missing; in the live transaction. */
    void insert() throws SQLException {
        try (Statement statement = live.createStatement()) {
            if (to.key().isEmpty()) {
                insertWithoutKey(statement);
            } else {
                alreadyThere = number("select count(*) from " + stage + " s join only " + target + " l on " + sameKey()
                        + " where " + same());
                returned = statement.executeLargeUpdate(insertFrom("select " + Sql.columns("s", columns) + " from "
                        + stage + " s where not exists (select from only " + target + " l where " + sameKey() + ")"));
            }
            if (conflicting() > 0) {
                conflicts = listConflicts(statement);
            }
            contentHash = found(statement).hash();
        }
    }

    private void insertWithoutKey(Statement statement) throws SQLException {
        String ranked = "(select s.*, md5(" + content("s") + ") as muster_hash, row_number() over (partition by md5("
                + content("s") + ")) as muster_rank from " + stage + " s)";
        String missing = " from " + ranked + " s left join " + then + " t on t.hash = s.muster_hash left join "
                + liveCounts() + " c on c.hash = s.muster_hash where s.muster_rank "
                + "%s coalesce(t.rows, 0) - coalesce(c.rows, 0)";
        alreadyThere = number("select count(*)" + String.format(java.util.Locale.ROOT, missing, ">"));
        returned = statement.executeLargeUpdate(insertFrom(
                "select " + Sql.columns("s", columns) + String.format(java.util.Locale.ROOT, missing, "<=")));
    }

    private String liveCounts() {
        return "(select md5(" + content("l") + ") as hash, count(*) as rows from only " + target + " l where md5("
                + content("l") + ") in (select md5(" + content("s") + ") from " + stage + " s) group by 1)";
    }

    private String insertFrom(String query) {
        return "insert into " + target + " (" + Sql.columns(columns) + ") overriding system value " + query
                + " on conflict do nothing";
    }

    private String content(String alias) {
        return Sql.content(alias, columns);
    }

    private String sameKey() {
        return Sql.equal("l", "s", to.key());
    }

    private String same() {
        return content("l") + " = " + content("s");
    }

    private long conflicting() {
        return expected - returned - alreadyThere;
    }

    private List<String> listConflicts(Statement statement) throws SQLException {
        List<String> key = to.key().isEmpty() ? columns : to.key();
        List<String> found = new ArrayList<>();
        String different = to.key().isEmpty()
                ? "not exists (select from only " + target + " l where " + same() + ")"
                : "not exists (select from only " + target + " l where " + sameKey() + " and " + same() + ")";
        try (ResultSet rows = statement.executeQuery("select " + Sql.content("s", key) + " from " + stage + " s where "
                + different + " order by 1 limit " + LISTED_CONFLICTS)) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return List.copyOf(found);
    }

    private record Found(long rows, String hash) {}

    /** The staged rows that are in the live table with the same content. */
    private Found found(Statement statement) throws SQLException {
        String query = to.key().isEmpty()
                ? "select count(*), " + Sql.hash(content("s")) + " from (select s.*, md5(" + content("s")
                        + ") as muster_hash, row_number() over (partition by md5(" + content("s")
                        + ")) as muster_rank, count(*) over (partition by md5(" + content("s")
                        + ")) as muster_all from " + stage + " s) s left join " + then
                        + " t on t.hash = s.muster_hash left join " + liveCounts() + " c on c.hash = s.muster_hash"
                        // Rows that the transaction left alone count first.
                        + " where s.muster_rank <= coalesce(c.rows, 0) - (coalesce(t.rows, 0) - s.muster_all)"
                : "select count(*), " + Sql.hash(content("l")) + " from " + stage + " s join only " + target + " l on "
                        + sameKey() + " where " + same();
        try (ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return new Found(rows.getLong(1), rows.getString(2));
        }
    }

    /** Compares once more, after the commit. */
    ReturnedRelation verify() throws SQLException {
        try (Statement statement = live.createStatement()) {
            Found found = found(statement);
            return new ReturnedRelation(
                    to.schema(),
                    to.name(),
                    from.qualifiedName(),
                    from.oid(),
                    expected,
                    returned,
                    alreadyThere,
                    conflicting(),
                    conflicts,
                    found.rows(),
                    contentHash,
                    found.hash());
        }
    }

    void drop() throws SQLException {
        try (Statement statement = live.createStatement()) {
            statement.execute("drop table if exists " + stage + ", " + then);
        }
    }

    private long number(String query) {
        try (Statement statement = live.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw failed("compare rows of " + to.qualifiedName(), e);
        }
    }

    static PostgresException failed(String what, Exception cause) {
        String state = cause instanceof SQLException sql && sql.getSQLState() != null ? sql.getSQLState() : "none";
        return new PostgresException(
                "ROW_RETURN_FAILED",
                "Could not " + what + ": " + cause.getMessage() + " (SQL state " + state + ")",
                "The live database is unchanged. A constraint that refuses rows means that the data has changed since;"
                        + " resolve that first. Otherwise repeat.",
                cause);
    }
}
