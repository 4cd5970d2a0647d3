package dev.muster.postgres.incremental;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.Progress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/** The WAL summaries of a server, PostgreSQL 17 or later, read over SQL. */
public final class WalSummaries {
    /** The first version that has them. */
    public static final int FIRST_VERSION = 170_000;

    private static final int ROWS_AT_ONCE = 10_000;
    private static final long BETWEEN_LOOKS = 20_000_000;

    /** What they say: the changes, or why they cannot be had. */
    public sealed interface Answer {
        /** All changes. */
        record Known(ChangedBlocks changes) implements Answer {}

        /** @param reason for people */
        record Unknown(String reason) implements Answer {}
    }

    private final DataSource server;
    private final Duration limit;

    /** @param limit how long to wait for the server's summarizer */
    public WalSummaries(DataSource server, Duration limit) {
        this.server = server;
        this.limit = limit;
    }

    /**
     * What changed between two positions of a timeline.
     *
     * @param from where the earlier backup started
     * @param to where the present one started
     */
    public Answer changes(int version, int timeline, Lsn from, Lsn to, Progress progress) {
        if (version < FIRST_VERSION) {
            return new Answer.Unknown("PostgreSQL before 17 has no WAL summaries");
        }
        try (Connection connection = server.getConnection()) {
            if (!"on".equals(text(connection, "show summarize_wal"))) {
                return new Answer.Unknown("summarize_wal is off");
            }
            Optional<Lsn> gap = awaitCoverage(connection, timeline, from, to, progress);
            if (gap.isPresent()) {
                return new Answer.Unknown("no WAL summary tells of the WAL from " + gap.get() + ", needed is " + from
                        + " to " + to + " of timeline " + timeline);
            }
            ChangedBlocks changes = read(connection, timeline, from, to, progress);
            // A summary that was removed while they were read would be missing in what was read.
            Optional<Lsn> removed = SummaryCoverage.gap(summaries(connection, timeline, from, to), from, to);
            return removed.isPresent()
                    ? new Answer.Unknown("the WAL summary from " + removed.get() + " was removed meanwhile")
                    : new Answer.Known(changes);
        } catch (SQLException e) {
            return new Answer.Unknown("the WAL summaries cannot be read: " + e.getMessage());
        }
    }

    /** A gap is believed at once if the summarizer is past it, else when the time is over. */
    private Optional<Lsn> awaitCoverage(Connection connection, int timeline, Lsn from, Lsn to, Progress progress)
            throws SQLException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            boolean past = !Lsn.parse(text(connection, "select summarized_lsn from pg_get_wal_summarizer_state()"))
                    .isBefore(to);
            Optional<Lsn> gap = SummaryCoverage.gap(summaries(connection, timeline, from, to), from, to);
            if (gap.isEmpty() || past || System.nanoTime() > deadline) {
                return gap;
            }
            progress.check("Waiting for WAL summaries");
            LockSupport.parkNanos(BETWEEN_LOOKS);
        }
    }

    private static List<SummaryCoverage.Summary> summaries(Connection connection, int timeline, Lsn from, Lsn to)
            throws SQLException {
        String sql = "select start_lsn, end_lsn from pg_available_wal_summaries()"
                + " where tli = ? and end_lsn > ?::pg_lsn and start_lsn < ?::pg_lsn";
        List<SummaryCoverage.Summary> summaries = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, timeline, from, to);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    summaries.add(
                            new SummaryCoverage.Summary(Lsn.parse(rows.getString(1)), Lsn.parse(rows.getString(2))));
                }
            }
        }
        return summaries;
    }

    private static ChangedBlocks read(Connection connection, int timeline, Lsn from, Lsn to, Progress progress)
            throws SQLException {
        String sql = "select c.reltablespace::bigint, c.reldatabase::bigint, c.relfilenode::bigint, c.relforknumber,"
                + " c.is_limit_block, c.relblocknumber from pg_available_wal_summaries() s,"
                + " pg_wal_summary_contents(s.tli, s.start_lsn, s.end_lsn) c"
                + " where s.tli = ? and s.end_lsn > ?::pg_lsn and s.start_lsn < ?::pg_lsn";
        ChangedBlocks changes = new ChangedBlocks();
        // Outside of a transaction the driver would hold all rows of the answer at once.
        connection.setAutoCommit(false);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, timeline, from, to);
            statement.setFetchSize(ROWS_AT_ONCE);
            try (ResultSet rows = statement.executeQuery()) {
                for (long row = 0; rows.next(); row++) {
                    if (row % ROWS_AT_ONCE == 0) {
                        progress.check("Reading WAL summaries");
                    }
                    changes.add(
                            new RelationFork(rows.getLong(1), rows.getLong(2), rows.getLong(3), rows.getInt(4)),
                            rows.getBoolean(5),
                            rows.getLong(6));
                }
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
        return changes;
    }

    private static void bind(PreparedStatement statement, int timeline, Lsn from, Lsn to) throws SQLException {
        statement.setLong(1, timeline);
        statement.setString(2, from.toString());
        statement.setString(3, to.toString());
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            if (!rows.next() || rows.getString(1) == null) {
                throw new SQLException("No answer to: " + sql);
            }
            return rows.getString(1);
        }
    }
}
