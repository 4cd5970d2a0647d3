package dev.muster.postgres.backup;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What makes a backup from a standby different (SAFETY "PostgreSQL recovery" 7). It begins at the standby's last
 * restartpoint and ends at the minimum recovery point in the pg_control that was copied last; both lie on one timeline,
 * or the backup does not count.
 */
final class StandbyRules {
    private static final Duration REPLAY_LIMIT = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final Connection connection;
    private final Duration replayLimit;

    StandbyRules(Connection connection) {
        this(connection, REPLAY_LIMIT);
    }

    /** @param replayLimit how long replay is waited for */
    StandbyRules(Connection connection, Duration replayLimit) {
        this.connection = connection;
        this.replayLimit = replayLimit;
    }

    private record Now(boolean inRecovery, Lsn replayed, Lsn minimum, int timeline) {}

    private Now now() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_is_in_recovery(), pg_last_wal_replay_lsn(),"
                        + " min_recovery_end_lsn, min_recovery_end_timeline from pg_control_recovery()")) {
            row.next();
            String replayed = row.getString(2);
            return new Now(
                    row.getBoolean(1),
                    replayed == null ? Lsn.INVALID : Lsn.parse(replayed),
                    Lsn.parse(row.getString(3)),
                    row.getInt(4));
        }
    }

    /** Pages older than the backup's start would be in the copy without the WAL that brings them up to date. */
    void refuseUnlessReplayed(Lsn start) throws SQLException {
        long deadline = System.nanoTime() + replayLimit.toNanos();
        Now now = now();
        while (now.replayed().isBefore(start) && System.nanoTime() < deadline) {
            try {
                TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new PostgresException("CANCELLED", "The backup was cancelled", "The worker is stopping.", e);
            }
            now = now();
        }
        if (now.replayed().isBefore(start)) {
            throw new PostgresException(
                    "STANDBY_BEHIND",
                    "The standby has replayed up to " + now.replayed() + ", and the backup starts at " + start,
                    "Does its replay stand (paused, or in conflict with a query)? Let it go on, or back up the"
                            + " primary.");
        }
    }

    void refusePromoted() throws SQLException {
        if (!now().inRecovery()) {
            throw promoted("was promoted", null);
        }
    }

    /** @param start the timeline in the backup's label */
    void refuseOtherTimeline(int start) throws SQLException {
        Now now = now();
        if (now.timeline() != start) {
            throw promoted("went over from timeline " + start + " to " + now.timeline(), null);
        }
    }

    /** What the server says that has a code of its own; it names the setting in every language. */
    static Optional<PostgresException> explain(SQLException e) {
        String text = String.valueOf(e.getMessage());
        if (text.contains("full_page_writes")) {
            return Optional.of(new PostgresException(
                    "FULL_PAGE_WRITES_OFF",
                    "The primary has written WAL with full_page_writes off, from which a torn page of a standby cannot"
                            + " be repaired: " + text,
                    "Turn full_page_writes on at the primary, run CHECKPOINT there, and back up again.",
                    e));
        }
        return text.contains("promoted") ? Optional.of(promoted("was promoted", e)) : Optional.empty();
    }

    private static PostgresException promoted(String how, @org.jspecify.annotations.Nullable SQLException cause) {
        String message = "The standby " + how + " during its backup; nothing of it counts";
        String hint = "Back up again. If it was not promoted but has just followed its primary to another timeline,"
                + " run CHECKPOINT on the primary first.";
        return cause == null
                ? new PostgresException("BACKUP_PROMOTED", message, hint)
                : new PostgresException("BACKUP_PROMOTED", message, hint, cause);
    }
}
