package dev.muster.postgres.wal;

import dev.muster.postgres.PostgresException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How much room is left for a server's WAL, and whose fault it is when there is little: a slot whose receiver does not keep
 * up, or whose store is away, holds WAL back until the disk is full and the server stops, or until max_slot_wal_keep_size
 * makes the server drop what the store still needs.
 *
 * @param directoryBytes size of pg_wal
 * @param freeBytes room on its disk; empty where the server is on another host
 * @param slot what the server says about the slot; empty if there is no such slot
 */
public record WalPressure(long directoryBytes, OptionalLong freeBytes, Optional<Slot> slot) {
    private static final double WARNING_FULL = 0.75;
    private static final double CRITICAL_FULL = 0.90;
    private static final double WARNING_LEFT = 0.50;
    private static final double CRITICAL_LEFT = 0.20;

    /**
     * @param active whether a receiver is connected
     * @param status the server's wal_status: reserved, extended, unreserved, lost
     * @param retainedBytes WAL that the slot holds back
     * @param safeBytes how much more may be written before the slot is in danger; empty where nothing limits the slot
     */
    public record Slot(String name, boolean active, String status, long retainedBytes, OptionalLong safeBytes) {}

    /** How urgent it is. */
    public enum Level {
        FINE,
        WARNING,
        CRITICAL
    }

    /** @param why a sentence for the operator */
    public record Verdict(Level level, String why) {}

    /**
     * Asks the server.
     *
     * @param connection as a role that may call pg_ls_waldir (pg_monitor)
     * @param freeBytes room on the disk of pg_wal, where it is known
     * @throws PostgresException SQL_FAILED
     */
    public static WalPressure observe(Connection connection, String slot, OptionalLong freeBytes) {
        try (PreparedStatement size = connection.prepareStatement("select coalesce(sum(size), 0) from pg_ls_waldir()");
                ResultSet row = size.executeQuery()) {
            row.next();
            return new WalPressure(row.getLong(1), freeBytes, slot(connection, slot));
        } catch (SQLException e) {
            throw new PostgresException(
                    "SQL_FAILED",
                    "The server does not say how much WAL it holds: " + e.getMessage(),
                    "Does it run, and is the role a member of pg_monitor?",
                    e);
        }
    }

    private static Optional<Slot> slot(Connection connection, String name) throws SQLException {
        String sql = "select active, coalesce(wal_status, 'lost'), safe_wal_size,"
                + " coalesce(pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_receive_lsn()"
                + " else pg_current_wal_lsn() end, restart_lsn), 0)::bigint"
                + " from pg_replication_slots where slot_name = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                long safe = row.getLong(3);
                OptionalLong left = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(safe);
                return Optional.of(
                        new Slot(name, row.getBoolean(1), row.getString(2), Math.max(0, row.getLong(4)), left));
            }
        }
    }

    /** What it means. */
    public Verdict verdict() {
        Optional<Verdict> ofSlot = slot.flatMap(WalPressure::ofSlot);
        Optional<Verdict> ofDisk = ofDisk();
        if (ofSlot.isPresent() && ofDisk.isPresent()) {
            return ofSlot.get().level().compareTo(ofDisk.get().level()) >= 0 ? ofSlot.get() : ofDisk.get();
        }
        return ofSlot.or(() -> ofDisk)
                .orElse(new Verdict(Level.FINE, "pg_wal has " + megabytes(directoryBytes) + ", and there is room."));
    }

    private static Optional<Verdict> ofSlot(Slot slot) {
        if (slot.status().equals("lost")) {
            return Optional.of(new Verdict(
                    Level.CRITICAL,
                    "The slot " + slot.name() + " is lost: the server has dropped WAL that the store lacks. Take a new"
                            + " full backup."));
        }
        if (slot.status().equals("unreserved")) {
            return Optional.of(new Verdict(
                    Level.CRITICAL,
                    "The slot " + slot.name() + " loses its WAL at the next checkpoint: max_slot_wal_keep_size is"
                            + " passed. " + receiver(slot)));
        }
        if (slot.safeBytes().isEmpty()) {
            return Optional.empty();
        }
        long safe = slot.safeBytes().getAsLong();
        double left = (double) safe / Math.max(1, safe + slot.retainedBytes());
        if (left >= WARNING_LEFT) {
            return Optional.empty();
        }
        return Optional.of(new Verdict(
                left < CRITICAL_LEFT ? Level.CRITICAL : Level.WARNING,
                "The slot " + slot.name() + " holds back " + megabytes(slot.retainedBytes()) + " and is lost after "
                        + megabytes(safe) + " more (max_slot_wal_keep_size). " + receiver(slot)));
    }

    private Optional<Verdict> ofDisk() {
        if (freeBytes.isEmpty()) {
            return Optional.empty();
        }
        double full = (double) directoryBytes / Math.max(1, directoryBytes + freeBytes.getAsLong());
        if (full < WARNING_FULL) {
            return Optional.empty();
        }
        String holds = slot.map(known -> " The slot " + known.name() + " holds back " + megabytes(known.retainedBytes())
                        + " of it. " + receiver(known))
                .orElse("");
        return Optional.of(new Verdict(
                full < CRITICAL_FULL ? Level.WARNING : Level.CRITICAL,
                "pg_wal has " + megabytes(directoryBytes) + " and only " + megabytes(freeBytes.getAsLong())
                        + " are free there: the server stops when its disk is full." + holds));
    }

    private static String receiver(Slot slot) {
        return slot.active()
                ? "Its receiver is connected: is the store too slow, or away?"
                : "Nobody receives from it: start the receiver.";
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%,d MB", bytes / 1_000_000);
    }
}
