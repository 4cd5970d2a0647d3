package dev.muster.embedded.database;

import dev.muster.catalog.CatalogSettings;
import dev.muster.catalog.PasswordReference;
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
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A PostgreSQL server for the catalogue alone, on the loopback, with logins by SCRAM. Its tables are not made yet. */
public final class CatalogDatabase implements AutoCloseable {
    public static final String DATABASE = "catalogue";
    public static final String ROLE = "muster";

    private static final String SUPERUSER = "postgres";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(20);

    private final Server server;
    private final int port;
    private final Secret secret;

    private CatalogDatabase(Server server, int port, Secret secret) {
        this.server = server;
        this.port = port;
        this.secret = secret;
    }

    /** @param folder empty, for its user only; gets data, log and password files */
    public static CatalogDatabase create(Installation installation, Path folder) {
        Path data = folder.resolve("data");
        Secret superuser = Secret.create(folder.resolve("postgres.password"));
        installation.own(superuser.file());
        Server.initialise(installation, data, SUPERUSER, "--auth=scram-sha-256", "--pwfile=" + superuser.file());
        CatalogDatabase database = new CatalogDatabase(
                new Server(installation, data, folder.resolve("postgresql.log")),
                LoopbackPorts.free(),
                Secret.create(folder.resolve("muster.password")));
        try {
            Files.writeString(data.resolve("postgresql.conf"), String.format(Locale.ROOT, """
                    listen_addresses = '127.0.0.1'
                    port = %d
                    unix_socket_directories = ''
                    max_connections = 40
                    password_encryption = scram-sha-256
                    shared_buffers = 64MB
                    timezone = 'UTC'
                    log_timezone = 'UTC'
                    """, database.port));
            Files.writeString(data.resolve("pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n");
        } catch (IOException e) {
            throw new EmbeddedException(
                    "DEMO_DATABASE_FAILED", "Cannot configure " + data, "Is there space left on the disk?", e);
        }
        installation.own(folder);
        database.start();
        database.createRole(new Login(database.port, SUPERUSER, SUPERUSER, superuser.file()));
        return database;
    }

    private void createRole(Login superuser) {
        try (Connection connection = superuser.open("muster set-up");
                Statement statement = connection.createStatement()) {
            // The server hashes passwords when it stores them; until then they must not reach its log.
            statement.execute("SET log_statement = 'none'");
            statement.execute("SET log_min_error_statement = 'panic'");
            statement.execute("CREATE ROLE " + ROLE + " LOGIN PASSWORD '" + secret.read() + "'");
            statement.execute("CREATE DATABASE " + DATABASE + " OWNER " + ROLE);
        } catch (SQLException e) {
            stop();
            throw new EmbeddedException(
                    "DEMO_DATABASE_FAILED",
                    "Cannot create the catalogue's role and database: " + e.getMessage(),
                    "Read " + server.log() + ".",
                    e);
        }
    }

    public String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + DATABASE;
    }

    /** How configuration refers to the password: {@code file:/…}. */
    public String passwordReference() {
        return secret.reference();
    }

    public CatalogSettings settings() {
        return CatalogSettings.of(url(), ROLE, PasswordReference.of(passwordReference()));
    }

    /** The catalogue's own role in its database. */
    public Login login() {
        return new Login(port, DATABASE, ROLE, secret.file());
    }

    public void start() {
        server.start(LIMIT);
    }

    /** As a crash: connections break at once. */
    public void stop() {
        server.stopImmediately(LIMIT);
    }

    /**
     * {@code kill -9} of the server's first process; {@link #start} recovers from its WAL. Returns when its children have
     * noticed and are gone too: until then the data would be refused to a successor.
     */
    public void kill() {
        ProcessHandle first = server.processId()
                .flatMap(ProcessHandle::of)
                .orElseThrow(() -> new IllegalStateException("The catalogue's server does not run"));
        List<ProcessHandle> all =
                Stream.concat(Stream.of(first), first.descendants()).toList();
        first.destroyForcibly();
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (all.stream().anyMatch(ProcessHandle::isAlive)) {
            if (System.nanoTime() - deadline > 0) {
                throw new EmbeddedException(
                        "CHILD_NOT_ENDED",
                        "The catalogue's server (process " + first.pid()
                                + ") or one of its children did not end within " + LIMIT.toSeconds() + " s",
                        "Read " + server.log() + ".");
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    @Override
    public void close() {
        server.stop(LIMIT);
    }
}
