package dev.muster.postgres.checks;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * One beat of the canary: a row written to the live database at a known time. The newest one that a copy holds proves
 * how far the copy reaches: what was committed before it is there.
 *
 * @param id counts the beats from 1
 * @param writtenAt by the live server's clock
 */
public record Canary(long id, Instant writtenAt) {
    /** Rows that are kept; the oldest is overwritten, so that the table never grows. */
    private static final int SLOTS = 100;

    private static final String TABLE = "muster.canary";

    /** The time between the newest canary on a copy and the moment of failure: the measured recovery point. */
    public Duration before(Instant failure) {
        return Duration.between(writtenAt, failure);
    }

    /** Creates schema and table where they are missing. */
    public static void prepare(Connection live) throws SQLException {
        if (exists(live)) {
            return;
        }
        try (Statement statement = live.createStatement()) {
            statement.execute("create schema if not exists muster");
            statement.execute("create table if not exists " + TABLE + " (slot smallint primary key, id bigint not null,"
                    + " written_at timestamptz not null) with (fillfactor = 50)");
        }
    }

    /** Writes one beat, by one statement, and commits it. */
    public static Canary beat(Connection live) throws SQLException {
        try (Statement statement = live.createStatement();
                ResultSet rows = statement.executeQuery("insert into " + TABLE + " as c (slot, id, written_at) select"
                        + " (newest.id + 1) % " + SLOTS + ", newest.id + 1, clock_timestamp() from"
                        + " (select coalesce(max(id), 0) as id from " + TABLE + ") newest on conflict (slot) do update"
                        + " set id = excluded.id, written_at = excluded.written_at returning c.id, c.written_at")) {
            rows.next();
            Canary canary = read(rows);
            if (!live.getAutoCommit()) {
                live.commit();
            }
            return canary;
        }
    }

    /** The newest canary on a copy; empty if the copy has no canary table or no row in it. */
    public static Optional<Canary> newest(Connection copy) throws SQLException {
        if (!exists(copy)) {
            return Optional.empty();
        }
        try (Statement statement = copy.createStatement();
                ResultSet rows =
                        statement.executeQuery("select id, written_at from " + TABLE + " order by id desc limit 1")) {
            return rows.next() ? Optional.of(read(rows)) : Optional.empty();
        }
    }

    private static boolean exists(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select to_regclass('" + TABLE + "') is not null")) {
            rows.next();
            return rows.getBoolean(1);
        }
    }

    private static Canary read(ResultSet rows) throws SQLException {
        return new Canary(
                rows.getLong(1), rows.getObject(2, OffsetDateTime.class).toInstant());
    }
}
