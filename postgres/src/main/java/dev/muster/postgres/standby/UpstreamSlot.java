package dev.muster.postgres.standby;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.replication.ReplicationConnection;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * The slot of a standby on its upstream. It must be there before the standby starts, and reserve WAL at once: a slot
 * that reserves only when it is first used lets the upstream remove what the standby needs meanwhile. Standbys have
 * slots of their own, so make it on the target of a switchover before that is promoted: its first checkpoint afterwards
 * may remove the WAL that the old primary needs to rejoin.
 */
public final class UpstreamSlot {
    private final DataSource upstream;
    private final String slot;
    private final String member;

    /**
     * @param upstream as a role with REPLICATION and pg_monitor
     * @param member that streams through it
     */
    public UpstreamSlot(DataSource upstream, String slot, String member) {
        this.upstream = upstream;
        this.slot = ReplicationConnection.requireSlotName(slot);
        this.member = member;
    }

    /**
     * Makes the slot, or lets it be if it is there. One that has lost its WAL is of no use to anybody and is made anew.
     *
     * @throws PostgresException SLOT_IN_USE if another member streams through it; SLOT_NOT_MADE
     */
    public void ensure() {
        try (Connection connection = upstream.getConnection()) {
            if (usable(connection)) {
                return;
            }
            call(connection, "select pg_create_physical_replication_slot(?, true)");
        } catch (SQLException e) {
            // Another attempt of the same step may have been faster.
            if (!"42710".equals(e.getSQLState())) {
                throw failed("made", e);
            }
        }
    }

    private boolean usable(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("select slot_type, coalesce(wal_status, '') = 'lost', restart_lsn is null,"
                        + " (select application_name from pg_stat_replication r where r.pid = s.active_pid), active"
                        + " from pg_replication_slots s where slot_name = ?")) {
            statement.setString(1, slot);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return false;
                }
                String user = row.getString(4);
                if (!"physical".equals(row.getString(1)) || (row.getBoolean(5) && !member.equals(user))) {
                    throw new PostgresException(
                            "SLOT_IN_USE",
                            "Slot " + slot + ", meant for member " + member + ", is "
                                    + (user == null ? "used otherwise" : "used by " + user),
                            "Name another slot for this member, or end what uses it.");
                }
                if (!row.getBoolean(2) && !row.getBoolean(3)) {
                    return true;
                }
            }
        }
        call(connection, "select pg_drop_replication_slot(?)");
        return false;
    }

    private void call(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, slot);
            statement.execute();
        }
    }

    /** Drops it, if it is there and nobody uses it: a slot of a member that is gone keeps WAL for ever. */
    public void drop() {
        try (Connection connection = upstream.getConnection()) {
            call(
                    connection,
                    "select pg_drop_replication_slot(slot_name) from pg_replication_slots"
                            + " where slot_name = ? and not active");
        } catch (SQLException e) {
            throw failed("dropped", e);
        }
    }

    private PostgresException failed(String what, SQLException cause) {
        return new PostgresException(
                "SLOT_NOT_MADE",
                "Slot " + slot + " for member " + member + " cannot be " + what + ": " + cause.getMessage(),
                "Is the upstream up, has the role REPLICATION, and is max_replication_slots high enough?",
                cause);
    }
}
