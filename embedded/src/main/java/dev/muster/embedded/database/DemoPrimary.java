package dev.muster.embedded.database;

import dev.muster.embedded.EmbeddedException;
import dev.muster.embedded.process.LoopbackPorts;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.instance.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The primary that the demo protects: durable (fsync on), with page checksums, WAL summaries and logins by SCRAM, as
 * one would be in production, and sized for two cores. Three roles: {@code postgres} (superuser), {@code orders} (the
 * application, owns the data), {@code muster} (what Muster needs and no more).
 */
public final class DemoPrimary implements AutoCloseable {
    public static final String DATABASE = "orders";
    public static final String APPLICATION_ROLE = "orders";
    public static final String MUSTER_ROLE = "muster";

    private static final String SUPERUSER = "postgres";
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final Server server;
    private final int port;
    private final Secret superuserSecret;
    private final Secret applicationSecret;
    private final Secret musterSecret;

    private DemoPrimary(Server server, int port, Path secrets) {
        this.server = server;
        this.port = port;
        this.superuserSecret = Secret.create(secrets.resolve("postgres.password"));
        this.applicationSecret = Secret.create(secrets.resolve("orders.password"));
        this.musterSecret = Secret.create(secrets.resolve("muster.password"));
    }

    /**
     * Creates the cluster in {@code folder/data} and starts it on a free port of the loopback. Takes about two seconds.
     *
     * @param folder empty, for its user only; also gets the server's log and the password files
     */
    public static DemoPrimary create(Installation installation, Path folder) {
        Path data = folder.resolve("data");
        Server server = new Server(installation, data, folder.resolve("postgresql.log"));
        DemoPrimary primary = new DemoPrimary(server, LoopbackPorts.free(), folder);
        // initdb is the one program that reads the superuser's password; it may run as another user.
        installation.own(primary.superuserSecret.file());
        Server.initialise(
                installation, data, SUPERUSER, "--auth=scram-sha-256", "--pwfile=" + primary.superuserSecret.file());
        try {
            Files.writeString(data.resolve("postgresql.conf"), configuration(primary.port));
            Files.writeString(data.resolve("pg_hba.conf"), LOGINS);
        } catch (IOException e) {
            throw new EmbeddedException(
                    "DEMO_DATABASE_FAILED", "Cannot configure " + data, "Is there space left on the disk?", e);
        }
        installation.own(folder);
        server.start(START_LIMIT);
        try {
            primary.createRoles();
        } catch (SQLException e) {
            server.stopImmediately(START_LIMIT);
            throw new EmbeddedException(
                    "DEMO_DATABASE_FAILED",
                    "Cannot create the roles of the demo: " + e.getMessage(),
                    "Read " + server.log() + ".",
                    e);
        } catch (RuntimeException e) {
            server.stopImmediately(START_LIMIT);
            throw e;
        }
        return primary;
    }

    private static String configuration(int port) {
        return String.format(Locale.ROOT, """
                # Written by the demo: what a small production primary has, on the loopback only.
                listen_addresses = '127.0.0.1'
                port = %d
                unix_socket_directories = ''
                max_connections = 40
                password_encryption = scram-sha-256

                # Durable, and ready for backups, WAL receiving and increments.
                fsync = on
                synchronous_commit = on
                full_page_writes = on
                wal_level = replica
                summarize_wal = on
                max_wal_senders = 8
                max_replication_slots = 8
                # A receiver that is away for too long loses its slot, not the database its disk.
                max_slot_wal_keep_size = 2GB

                # Two cores, some hundred megabytes.
                shared_buffers = 128MB
                work_mem = 16MB
                maintenance_work_mem = 128MB
                effective_cache_size = 512MB
                max_wal_size = 1GB
                max_parallel_workers = 2
                max_parallel_workers_per_gather = 1
                max_parallel_maintenance_workers = 1
                jit = off

                timezone = 'UTC'
                log_timezone = 'UTC'
                log_line_prefix = '%%m [%%p] %%q%%u@%%d %%a '
                log_checkpoints = on
                """, port);
    }

    /** Nobody logs in without a password, not even on this machine: others may have accounts on it. */
    private static final String LOGINS = """
            # TYPE  DATABASE     USER  ADDRESS       METHOD
            host    all          all   127.0.0.1/32  scram-sha-256
            host    replication  all   127.0.0.1/32  scram-sha-256
            """;

    private void createRoles() throws SQLException {
        try (Connection connection = administrator(SUPERUSER).open("muster demo set-up");
                Statement statement = connection.createStatement()) {
            // The server hashes passwords when it stores them; until then they must not reach its log.
            statement.execute("SET log_statement = 'none'");
            statement.execute("SET log_min_error_statement = 'panic'");
            statement.execute("CREATE ROLE " + APPLICATION_ROLE + " LOGIN PASSWORD '" + applicationSecret.read() + "'");
            statement.execute("CREATE ROLE " + MUSTER_ROLE + " LOGIN REPLICATION CONNECTION LIMIT 16 PASSWORD '"
                    + musterSecret.read() + "'");
            statement.execute("GRANT pg_monitor TO " + MUSTER_ROLE);
            statement.execute("CREATE DATABASE " + DATABASE + " OWNER " + APPLICATION_ROLE);
            grantBackup(statement);
        }
        try (Connection connection = administrator(DATABASE).open("muster demo set-up");
                Statement statement = connection.createStatement()) {
            grantBackup(statement);
            for (String sql : GRANTS_ON_DATA) {
                statement.execute(sql);
            }
        }
    }

    /** Rights on functions are kept per database, and a worker may be connected to either. */
    private static void grantBackup(Statement statement) throws SQLException {
        statement.execute("GRANT EXECUTE ON FUNCTION pg_backup_start(text, boolean), pg_backup_stop(boolean),"
                + " pg_switch_wal(), pg_create_restore_point(text) TO " + MUSTER_ROLE);
    }

    /**
     * In the protected database: reading and checking for validation, INSERT (and no UPDATE, no DELETE) to bring rows
     * back. Muster owns its own schema with the canary, and nothing else.
     */
    private static final List<String> GRANTS_ON_DATA = List.of(
            "CREATE EXTENSION amcheck",
            "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO " + MUSTER_ROLE,
            "GRANT USAGE ON SCHEMA public TO " + MUSTER_ROLE,
            "ALTER DEFAULT PRIVILEGES FOR ROLE " + APPLICATION_ROLE
                    + " IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO " + MUSTER_ROLE,
            "CREATE SCHEMA muster AUTHORIZATION " + MUSTER_ROLE,
            // Written many times a second by Muster; the newest one on a recovered copy is the measured RPO.
            "CREATE TABLE muster.canary (slot smallint PRIMARY KEY, id bigint NOT NULL, written_at timestamptz NOT NULL)"
                    + " WITH (fillfactor = 50)",
            "ALTER TABLE muster.canary OWNER TO " + MUSTER_ROLE);

    public int port() {
        return port;
    }

    public Server server() {
        return server;
    }

    public Path dataDirectory() {
        return server.dataDirectory();
    }

    /** The superuser, in a database. For set-up and tests; Muster never gets it. */
    public Login administrator(String database) {
        return new Login(port, database, SUPERUSER, superuserSecret.file());
    }

    /** The application in its database; an attacker who has stolen its password is this too. */
    public Login application() {
        return new Login(port, DATABASE, APPLICATION_ROLE, applicationSecret.file());
    }

    /** Muster in the protected database. */
    public Login muster() {
        return new Login(port, DATABASE, MUSTER_ROLE, musterSecret.file());
    }

    /** How configuration refers to Muster's password: {@code file:/…}. */
    public String musterPasswordReference() {
        return musterSecret.reference();
    }

    /** Stops the server; its files stay. */
    @Override
    public void close() {
        server.stop(START_LIMIT);
    }
}
