package dev.muster.postgres.members;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.members.Observation.Position;
import dev.muster.postgres.members.Observation.Receiver;
import dev.muster.postgres.members.Observation.Sender;
import dev.muster.postgres.members.Observation.Slot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** Asks a member what it is. The role needs pg_monitor, or what other roles do stays hidden from it. */
public final class Observer {
    private static final int ANSWER_SECONDS = 10;

    private static final String SELF = "select clock_timestamp(), current_setting('server_version_num')::int,"
            + " (select system_identifier::text from pg_control_system()), r.recovering,"
            + " case when r.recovering then greatest("
            + "   (select timeline_id from pg_control_checkpoint()),"
            + "   (select min_recovery_end_timeline from pg_control_recovery()),"
            + "   (select max(received_tli) from pg_stat_wal_receiver))"
            + " else ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int end,"
            + " case when not r.recovering then pg_current_wal_insert_lsn() end,"
            + " case when not r.recovering then pg_current_wal_flush_lsn() end,"
            + " case when r.recovering then greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) end,"
            + " case when r.recovering then pg_last_wal_replay_lsn() end,"
            + " case when r.recovering then pg_last_xact_replay_timestamp() end,"
            + " case when r.recovering then pg_get_wal_replay_pause_state() <> 'not paused' end,"
            + " current_setting('synchronous_standby_names'), current_setting('synchronous_commit'),"
            + " current_setting('default_transaction_read_only')::bool, current_setting('data_checksums')::bool"
            + " from (select pg_is_in_recovery() as recovering) r";

    private static final String RECEIVER = "select coalesce(status, 'unknown'),"
            + " sender_host || ':' || sender_port, slot_name from pg_stat_wal_receiver";

    private static final String SLOTS = "select slot_name, slot_type = 'physical', active, restart_lsn, wal_status,"
            + " safe_wal_size from pg_replication_slots order by slot_name";

    private static final String SENDERS = "select application_name, host(client_addr), coalesce(state, 'unknown'),"
            + " coalesce(sync_state, 'unknown'), sent_lsn, flush_lsn, replay_lsn,"
            + " extract(epoch from flush_lag) * 1000, extract(epoch from replay_lag) * 1000"
            + " from pg_stat_replication order by application_name, pid";

    private final Clock clock;

    public Observer(Clock clock) {
        this.clock = clock;
    }

    /** @throws PostgresException MEMBER_UNREACHABLE: nothing is known of it then, least of all that it is down */
    public Observation observe(String member, DataSource place) {
        try (Connection connection = place.getConnection()) {
            return observe(member, connection);
        } catch (SQLException e) {
            throw new PostgresException(
                    "MEMBER_UNREACHABLE",
                    "Member " + member + " does not say how it is: " + e.getMessage(),
                    "Is it up and reachable from here, and may the role log in? Silence alone proves nothing.",
                    e);
        }
    }

    /** The same on a connection that the caller has. */
    public Observation observe(String member, Connection connection) throws SQLException {
        Instant at = clock.instant();
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(ANSWER_SECONDS);
            Optional<Receiver> receiver = receiver(statement);
            List<Slot> slots = slots(statement);
            List<Sender> senders = senders(statement);
            try (ResultSet row = statement.executeQuery(SELF)) {
                row.next();
                return new Observation(
                        member,
                        at,
                        row.getObject(1, OffsetDateTime.class).toInstant(),
                        row.getInt(2),
                        row.getString(3),
                        row.getInt(5),
                        row.getBoolean(4) ? replaying(row) : writing(row),
                        receiver,
                        slots,
                        senders,
                        row.getString(12),
                        row.getString(13),
                        row.getBoolean(14),
                        row.getBoolean(15));
            }
        }
    }

    private static Position writing(ResultSet row) throws SQLException {
        return new Position.Writing(
                position(row, 6).orElse(Lsn.INVALID), position(row, 7).orElse(Lsn.INVALID));
    }

    private static Position replaying(ResultSet row) throws SQLException {
        return new Position.Replaying(
                position(row, 8).orElse(Lsn.INVALID),
                position(row, 9).orElse(Lsn.INVALID),
                Optional.ofNullable(row.getObject(10, OffsetDateTime.class)).map(OffsetDateTime::toInstant),
                row.getBoolean(11));
    }

    private static Optional<Receiver> receiver(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(RECEIVER)) {
            return row.next()
                    ? Optional.of(new Receiver(row.getString(1), text(row, 2), text(row, 3)))
                    : Optional.empty();
        }
    }

    private static List<Slot> slots(Statement statement) throws SQLException {
        List<Slot> slots = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(SLOTS)) {
            while (row.next()) {
                slots.add(new Slot(
                        row.getString(1),
                        row.getBoolean(2),
                        row.getBoolean(3),
                        position(row, 4),
                        text(row, 5),
                        text(row, 6).map(Long::valueOf)));
            }
        }
        return slots;
    }

    private static List<Sender> senders(Statement statement) throws SQLException {
        List<Sender> senders = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(SENDERS)) {
            while (row.next()) {
                senders.add(new Sender(
                        row.getString(1),
                        text(row, 2),
                        row.getString(3),
                        row.getString(4),
                        position(row, 5),
                        position(row, 6),
                        position(row, 7),
                        milliseconds(row, 8),
                        milliseconds(row, 9)));
            }
        }
        return senders;
    }

    private static Optional<String> text(ResultSet row, int column) throws SQLException {
        return Optional.ofNullable(row.getString(column));
    }

    private static Optional<Lsn> position(ResultSet row, int column) throws SQLException {
        return text(row, column).map(Lsn::parse);
    }

    private static Optional<Duration> milliseconds(ResultSet row, int column) throws SQLException {
        return text(row, column).map(value -> Duration.ofMillis((long) Double.parseDouble(value)));
    }
}
