package dev.muster.postgres.backup;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.repository.frames.ContentHash;
import dev.muster.repository.frames.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * The one SQL session that a backup holds from pg_backup_start to pg_backup_stop. When it ends early, PostgreSQL itself
 * ends the backup.
 */
final class BackupSession implements AutoCloseable {
    /** What the copy must have at least, or hot standby refuses, and what tells a reader about the cluster. */
    private static final List<String> SETTINGS = List.of(
            "max_connections",
            "max_worker_processes",
            "max_wal_senders",
            "max_prepared_transactions",
            "max_locks_per_transaction",
            "wal_level",
            "shared_preload_libraries",
            "server_version");

    private static final Pattern START = Pattern.compile("(?m)^START WAL LOCATION: ([0-9A-F]+/[0-9A-F]+) ");
    private static final Pattern CHECKPOINT = Pattern.compile("(?m)^CHECKPOINT LOCATION: ([0-9A-F]+/[0-9A-F]+)$");
    private static final Pattern TIMELINE = Pattern.compile("(?m)^START TIMELINE: (\\d+)$");
    /** The server counts its start in whole seconds, and the clock may have been set since. */
    private static final long SAME_START_SECONDS = 2;

    private static final int FIRST_WITH_NEW_NAMES = 150_000;
    private static final long BETWEEN_CLAIMS = 200_000_000;

    /**
     * What the server says of itself.
     *
     * @param standby whether it replays another server's WAL
     * @param blocksPerFile blocks in one file of a relation
     */
    record Facts(
            String systemId,
            boolean standby,
            int version,
            int segmentSize,
            int blockSize,
            long blocksPerFile,
            boolean pageChecksums,
            Map<String, String> settings) {}

    /**
     * What pg_backup_stop returned.
     *
     * @param label backup_label, byte for byte
     * @param tablespaceMap tablespace_map, byte for byte; empty if there are no tablespaces
     * @param start of replay
     * @param time by the server's clock, after the stop
     */
    record End(Lsn stop, String label, String tablespaceMap, Lsn start, Lsn checkpoint, int timeline, Instant time) {}

    private final Connection connection;
    private final Facts facts;

    private BackupSession(Connection connection, Facts facts) {
        this.connection = connection;
        this.facts = facts;
    }

    /**
     * @throws PostgresException CONNECTION_FAILED, AUTHENTICATION_FAILED, DATA_DIRECTORY_MISMATCH, SQL_FAILED
     */
    static BackupSession open(DataSource server, Path dataDirectory) {
        try {
            Connection connection = connect(server);
            try {
                BackupSession session = new BackupSession(connection, facts(connection));
                session.refuseOtherDirectory(dataDirectory);
                return session;
            } catch (SQLException | RuntimeException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            throw failed("asking the server about itself", e);
        }
    }

    private static Connection connect(DataSource server) throws SQLException {
        try {
            return server.getConnection();
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            // 57P03: it starts, or shuts down.
            if (state.startsWith("08") || state.equals("57P03")) {
                throw new PostgresException(
                        "CONNECTION_FAILED",
                        "Cannot connect to PostgreSQL: " + e.getMessage(),
                        "Does the server run there, listen on that address, and does a firewall let this host through?",
                        e);
            }
            if (state.startsWith("28")) {
                throw new PostgresException(
                        "AUTHENTICATION_FAILED",
                        "PostgreSQL refuses the log-in: " + e.getMessage(),
                        "Check the role, its password and pg_hba.conf.",
                        e);
            }
            throw e;
        }
    }

    Facts facts() {
        return facts;
    }

    /** What a parent is compared with. */
    ParentRules.Cluster cluster() {
        try {
            // A server that was just promoted may not have told its control file yet.
            String now = text(
                    connection,
                    "select case when pg_is_in_recovery() then (select timeline_id::text from pg_control_checkpoint())"
                            + " || ' ' || pg_last_wal_replay_lsn() else"
                            + " ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int"
                            + " || ' ' || pg_current_wal_lsn() end");
            String[] parts = now.split(" ");
            return new ParentRules.Cluster(
                    facts.systemId(),
                    facts.version() / 10_000,
                    Integer.parseInt(parts[0]),
                    facts.blockSize(),
                    facts.segmentSize(),
                    facts.pageChecksums(),
                    facts.standby(),
                    Lsn.parse(parts[1]));
        } catch (SQLException e) {
            throw failed("asking for the timeline", e);
        }
    }

    /**
     * Takes the source for this session, on the server itself: backups from other hosts see it too, and it is free again
     * when the session ends, however that happens.
     *
     * @param limit how long to wait for another backup to end
     * @throws PostgresException BACKUP_UNDER_WAY
     */
    void claim(String source, Duration limit, Progress progress) {
        ContentHash key = Sha256.hash(bytes("muster backup of " + source));
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            while (text(connection, "select pg_try_advisory_lock(" + key.first() + ")")
                    .equals("f")) {
                if (System.nanoTime() - deadline >= 0) {
                    throw new PostgresException(
                            "BACKUP_UNDER_WAY",
                            "Another backup of " + source + " is under way on this server",
                            "Wait for it, or look for the session in pg_stat_activity that waits in no query and holds an"
                                    + " advisory lock (pg_locks): its worker may be gone.");
                }
                progress.check("Waiting for another backup");
                LockSupport.parkNanos(BETWEEN_CLAIMS);
            }
        } catch (SQLException e) {
            throw failed("pg_try_advisory_lock", e);
        }
    }

    private static Facts facts(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // The session is idle while files are copied, and a checkpoint may take long: neither may end it.
            statement.execute("set statement_timeout = 0; set idle_session_timeout = 0; set lock_timeout = 0");
        }
        Map<String, String> all = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select name, setting from pg_settings where name in"
                        + " ('max_connections', 'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions',"
                        + " 'max_locks_per_transaction', 'wal_level', 'shared_preload_libraries', 'server_version',"
                        + " 'server_version_num', 'wal_segment_size', 'block_size', 'segment_size',"
                        + " 'data_checksums')")) {
            while (rows.next()) {
                all.put(rows.getString(1), rows.getString(2));
            }
        }
        Map<String, String> kept = new TreeMap<>();
        for (String name : SETTINGS) {
            kept.put(name, all.getOrDefault(name, ""));
        }
        kept.put("superuser", text(connection, "select rolname from pg_roles where oid = 10"));
        boolean standby = inRecovery(connection);
        kept.put("taken_from", standby ? "standby" : "primary");
        return new Facts(
                text(connection, "select system_identifier from pg_control_system()"),
                standby,
                number(all, "server_version_num"),
                number(all, "wal_segment_size"),
                number(all, "block_size"),
                number(all, "segment_size"),
                "on".equals(all.get("data_checksums")),
                kept);
    }

    private static int number(Map<String, String> settings, String name) throws SQLException {
        String value = settings.get(name);
        if (value == null) {
            throw new SQLException("The server does not show its setting " + name);
        }
        return Integer.parseInt(value);
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

    private static boolean inRecovery(Connection connection) throws SQLException {
        return text(connection, "select pg_is_in_recovery()").equals("t");
    }

    /** Copying the files of one cluster with the label of another would make a backup that destroys what it restores. */
    private void refuseOtherDirectory(Path dataDirectory) throws SQLException {
        long started =
                Long.parseLong(text(connection, "select extract(epoch from pg_postmaster_start_time())::bigint"));
        try {
            String systemId = ControlFile.read(dataDirectory).systemId();
            List<String> lines = Files.readAllLines(dataDirectory.resolve("postmaster.pid"));
            long startedHere = lines.size() > 2 ? Long.parseLong(lines.get(2).strip()) : 0;
            if (!systemId.equals(facts.systemId()) || Math.abs(startedHere - started) > SAME_START_SECONDS) {
                throw mismatch(dataDirectory, "belongs to another server than the one that answers over SQL", null);
            }
        } catch (IOException | NumberFormatException e) {
            throw mismatch(dataDirectory, "cannot be read as that of a running server: " + reason(e), e);
        }
    }

    /** Of some errors Java says the path only, and of what kind they are by their class. */
    private static String reason(Exception e) {
        return e instanceof NoSuchFileException missing
                ? "there is no " + missing.getFile()
                : e instanceof AccessDeniedException denied
                        ? "no permission to read " + denied.getFile()
                        : e.toString();
    }

    private static PostgresException mismatch(
            Path dataDirectory, String why, @org.jspecify.annotations.Nullable Exception cause) {
        String message = "The data directory " + dataDirectory + " " + why;
        String hint = "Check the data directory, host and port configured for this server, and that this worker runs"
                + " on its host and may read its files.";
        return cause == null
                ? new PostgresException("DATA_DIRECTORY_MISMATCH", message, hint)
                : new PostgresException("DATA_DIRECTORY_MISMATCH", message, hint, cause);
    }

    /**
     * How it began.
     *
     * @param redo where replay of the backup starts
     * @param time by the server's clock
     */
    record Begin(Lsn redo, Instant time) {}

    /** Forces a checkpoint and starts the backup. */
    Begin start(String label) {
        String sql = facts.version() >= FIRST_WITH_NEW_NAMES
                ? "select pg_backup_start(?, true)"
                : "select pg_start_backup(?, true, false)";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, label);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new SQLException("No answer from pg_backup_start");
                }
                Lsn redo = Lsn.parse(row.getString(1));
                if (facts.standby()) {
                    new StandbyRules(connection).refuseUnlessReplayed(redo);
                }
                return new Begin(redo, now());
            }
        } catch (SQLException e) {
            throw StandbyRules.explain(e).orElseGet(() -> failed("pg_backup_start", e));
        }
    }

    /** Ends the backup. PostgreSQL's own waiting for its archive is off: the receiver's archive is waited for instead. */
    End stop() {
        try {
            if (facts.standby()) {
                new StandbyRules(connection).refusePromoted();
            }
            End end = askForTheEnd();
            if (facts.standby()) {
                new StandbyRules(connection).refuseOtherTimeline(end.timeline());
            }
            return end;
        } catch (SQLException e) {
            throw StandbyRules.explain(e).orElseGet(() -> failed("pg_backup_stop", e));
        }
    }

    private End askForTheEnd() throws SQLException {
        String sql = facts.version() >= FIRST_WITH_NEW_NAMES
                ? "select lsn, labelfile, spcmapfile from pg_backup_stop(false)"
                : "select lsn, labelfile, spcmapfile from pg_stop_backup(false, false)";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            if (!row.next()) {
                throw new SQLException("No answer from pg_backup_stop");
            }
            String label = row.getString(2);
            String map = row.getString(3);
            return new End(
                    Lsn.parse(row.getString(1)),
                    label,
                    map == null ? "" : map,
                    Lsn.parse(find(START, label)),
                    Lsn.parse(find(CHECKPOINT, label)),
                    Integer.parseInt(find(TIMELINE, label)),
                    now());
        }
    }

    private static String find(Pattern line, String label) throws SQLException {
        Matcher matcher = line.matcher(label);
        if (!matcher.find()) {
            throw new SQLException("No line " + line + " in backup_label: " + label);
        }
        return matcher.group(1);
    }

    private Instant now() throws SQLException {
        return Instant.parse(text(
                connection,
                "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
    }

    private static PostgresException failed(String what, SQLException cause) {
        return new PostgresException(
                "SQL_FAILED",
                "The backup's session failed at " + what + ": " + cause.getMessage(),
                "Does the server still run, and may this role execute pg_backup_start, pg_backup_stop and read"
                        + " pg_settings (pg_read_all_settings)?",
                cause);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // The server notices the end of the session by itself.
        }
    }
}
