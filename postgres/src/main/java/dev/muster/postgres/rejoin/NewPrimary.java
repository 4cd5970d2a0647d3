package dev.muster.postgres.rejoin;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.replication.HistoryFile;
import dev.muster.postgres.replication.ReplicationConnection;
import dev.muster.postgres.replication.ServerAddress;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.TimelineHistory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The primary that an old one is to follow.
 *
 * @param address for the replication protocol
 * @param sql for a role that may read files of pg_wal (pg_read_server_files with execute on pg_read_binary_file, or a
 *     superuser)
 */
public record NewPrimary(ServerAddress address, DataSource sql, Clock clock) {
    private static final String NAME = "muster-rejoin";

    /**
     * What it says of itself.
     *
     * @param historyFile empty on timeline 1
     */
    record Identity(
            String systemId,
            int timeline,
            Lsn flushed,
            int segmentSize,
            TimelineHistory history,
            Optional<HistoryFile> historyFile) {}

    /** The state of a standby's connection, as its primary sees it. */
    record Stream(String state, long lagBytes) {}

    /** @throws PostgresException NEW_PRIMARY_IN_RECOVERY, and what connecting throws */
    Identity identity() {
        if (ask("select pg_is_in_recovery()::text").orElse("").equals("true")) {
            throw new PostgresException(
                    "NEW_PRIMARY_IN_RECOVERY",
                    "The server at " + address + " is a standby",
                    "Promote it first, or name the primary that the old one is to follow.");
        }
        try (ReplicationConnection connection = ReplicationConnection.open(address, NAME, clock)) {
            ReplicationConnection.SystemIdentity identity = connection.identifySystem();
            int timeline = identity.timeline();
            Optional<HistoryFile> file = Optional.empty();
            TimelineHistory history = TimelineHistory.first();
            if (timeline > 1) {
                file = Optional.of(connection.timelineHistory(timeline));
                history = TimelineHistory.parse(timeline, file.get().content());
            }
            return new Identity(
                    identity.systemId(), timeline, identity.flushed(), connection.walSegmentSize(), history, file);
        }
    }

    /** Bytes of a file in its pg_wal, or empty if it has no such file or not so many bytes. */
    Optional<byte[]> wal(String file, long offset, int length) {
        try (Connection connection = sql.getConnection();
                PreparedStatement statement =
                        connection.prepareStatement("select pg_read_binary_file(?, ?, ?, true)")) {
            statement.setString(1, "pg_wal/" + file);
            statement.setLong(2, offset);
            statement.setLong(3, length);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                byte @Nullable [] bytes = rows.getBytes(1);
                return bytes == null || bytes.length < length ? Optional.empty() : Optional.of(bytes);
            }
        } catch (SQLException e) {
            throw failed("Cannot read " + file, e);
        }
    }

    /** Whether it still has WAL of its own path at a position. */
    boolean hasWal(Identity identity, Lsn position) {
        for (int timeline : identity.history().newestFirst()) {
            SegmentName segment = SegmentName.of(timeline, position, identity.segmentSize());
            if (wal(segment.toString(), 0, 1).isPresent()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Makes a physical slot that keeps WAL from now on, or keeps the one that is there; one that the server has given up is
     * made anew.
     *
     * @throws PostgresException REJOIN_SLOT_TAKEN if something else uses it
     */
    void ensureSlot(String slot) {
        ReplicationConnection.requireSlotName(slot);
        Optional<String> state = ask("select case when slot_type <> 'physical' then 'logical'"
                + " when active then 'active' when wal_status = 'lost' or restart_lsn is null then 'lost'"
                + " else 'kept' end from pg_replication_slots where slot_name = '" + slot + "'");
        if (state.isPresent() && (state.get().equals("logical") || state.get().equals("active"))) {
            throw new PostgresException(
                    "REJOIN_SLOT_TAKEN",
                    "The slot " + slot + " on the primary at " + address + " is " + state.get(),
                    "Another standby may use it: give each its own slot.");
        }
        if (state.isPresent() && state.get().equals("lost")) {
            ask("select pg_drop_replication_slot('" + slot + "')::text");
        }
        if (state.isEmpty() || state.get().equals("lost")) {
            ask("select pg_create_physical_replication_slot('" + slot + "', true)::text");
        }
    }

    /** Its pg_control names its timeline only after a checkpoint, and pg_rewind reads it there. */
    void checkpoint() {
        try (Connection connection = sql.getConnection();
                PreparedStatement statement = connection.prepareStatement("checkpoint")) {
            statement.execute();
        } catch (SQLException e) {
            throw failed("Cannot make a checkpoint", e);
        }
    }

    /** The connection that uses a slot; empty if none does. */
    Optional<Stream> stream(String slot) {
        String sqlText =
                "select s.state, coalesce(pg_wal_lsn_diff(pg_current_wal_flush_lsn(), s.replay_lsn), -1)::bigint"
                        + " from pg_replication_slots r join pg_stat_replication s on s.pid = r.active_pid where r.slot_name = ?";
        try (Connection connection = sql.getConnection();
                PreparedStatement statement = connection.prepareStatement(sqlText)) {
            statement.setString(1, slot);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(new Stream(rows.getString(1), rows.getLong(2))) : Optional.empty();
            }
        } catch (SQLException e) {
            throw failed("Cannot ask for the standby's state", e);
        }
    }

    /** The first column of the first row. */
    private Optional<String> ask(String query) {
        return ask(sql, query, "the new primary at " + address);
    }

    static Optional<String> ask(DataSource server, String query, String who) {
        try (Connection connection = server.getConnection();
                PreparedStatement statement = connection.prepareStatement(query);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
        } catch (SQLException e) {
            throw failed("Cannot ask " + who, e);
        }
    }

    private static PostgresException failed(String what, SQLException e) {
        return new PostgresException(
                "REJOIN_QUERY_FAILED",
                what + ": " + e.getMessage(),
                "Is the server up, and may the role read pg_replication_slots, pg_stat_replication and pg_wal?",
                e);
    }
}
