package dev.muster.embedded.orders;

import dev.muster.embedded.database.Login;
import dev.muster.postgres.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;

/** Somebody with the application's stolen password deletes the larger card payments, about a fifth of all rows. */
public final class Attack {
    public static final String SQL = "DELETE FROM payments WHERE method = 'card' AND amount_cents >= 2500";

    /**
     * What was really done. For tests and for the report afterwards; nothing that recovers may look at it.
     *
     * @param xid with its epoch, in decimal
     * @param rows deleted
     * @param before a position before the transaction's commit
     * @param after a position at or after its end
     * @param committed when the attacker's COMMIT was answered
     */
    public record Truth(String xid, long rows, Lsn before, Lsn after, Instant committed) {}

    private Attack() {}

    public static Truth strike(Login stolen, Clock clock) throws SQLException {
        try (Connection connection = stolen.connect("psql");
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            long rows = statement.executeLargeUpdate(SQL);
            String xid;
            Lsn before;
            try (ResultSet row =
                    statement.executeQuery("SELECT pg_current_xact_id()::text, pg_current_wal_insert_lsn()::text")) {
                row.next();
                xid = row.getString(1);
                before = Lsn.parse(row.getString(2));
            }
            connection.commit();
            Instant committed = clock.instant();
            try (ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
                row.next();
                return new Truth(xid, rows, before, Lsn.parse(row.getString(1)), committed);
            }
        }
    }
}
