package dev.muster.embedded.orders;

import dev.muster.embedded.EmbeddedException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Asks a database, live or a copy in recovery, which transactions it has committed as of the connection's snapshot. */
final class DatabaseCommits implements Ledger.Committed {
    /** A copy has not heard of later transactions, and PostgreSQL refuses to speak of their status. */
    private static final String QUERY = """
            SELECT x FROM unnest(?) AS x
            WHERE CASE WHEN x::xid8 >= pg_snapshot_xmax(pg_current_snapshot()) THEN false
                       ELSE pg_visible_in_snapshot(x::xid8, pg_current_snapshot())
                            AND pg_xact_status(x::xid8) = 'committed' END
            """;

    private final Connection connection;

    DatabaseCommits(Connection connection) {
        this.connection = connection;
    }

    @Override
    public Set<String> among(Collection<String> xids) {
        Set<String> committed = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            Array array = connection.createArrayOf("text", xids.toArray());
            statement.setArray(1, array);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    committed.add(rows.getString(1));
                }
            }
            return committed;
        } catch (SQLException e) {
            throw new EmbeddedException(
                    "LEDGER_CHECK_FAILED",
                    "Cannot ask the database for the status of " + xids.size() + " transactions: " + e.getMessage(),
                    "Does the copy accept read-only connections?",
                    e);
        }
    }
}
