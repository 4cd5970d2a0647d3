package dev.muster.postgres.walscan;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.NewCluster;
import dev.muster.postgres.PostgresVersion;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.instance.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

/** A real cluster for tests, with full control over its settings. */
public final class SourceCluster implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Path data;
    private final int port;
    private final Server server;

    private SourceCluster(Path data, int port, Server server) {
        this.data = data;
        this.port = port;
        this.server = server;
    }

    /** Creates and starts a cluster below {@code folder}. */
    public static SourceCluster start(Path folder, String... settings) {
        Installation installation = PostgresVersion.installation();
        Path data = folder.resolve("data");
        NewCluster.at(installation, data, 1);
        return startOn(data, settings);
    }

    /** Starts a server over a data directory that is there, such as a copy. */
    public static SourceCluster startOn(Path data, String... settings) {
        int port = freePort();
        StringBuilder configuration = new StringBuilder("listen_addresses = '127.0.0.1'\nport = " + port
                + "\nunix_socket_directories = ''\nwal_level = replica\nfsync = off\nautovacuum = off\n"
                + "max_prepared_transactions = 10\nwal_keep_size = '256MB'\nshared_buffers = '32MB'\n");
        for (String setting : settings) {
            configuration.append(setting).append('\n');
        }
        try {
            Files.writeString(
                    data.resolve("postgresql.auto.conf"),
                    configuration,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Installation installation = PostgresVersion.installation();
        installation.own(data);
        Server server = new Server(installation, data, data.resolveSibling(data.getFileName() + ".log"));
        server.start(LIMIT);
        return new SourceCluster(data, port, server);
    }

    /** Before 15 databases are always copied, and there is no word for it. */
    static String createDatabase(String name, String strategy) {
        return "create database " + name + (PostgresVersion.current() < 15 ? "" : " strategy " + strategy);
    }

    public Path data() {
        return data;
    }

    public Server server() {
        return server;
    }

    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    public Connection connect(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        return DriverManager.getConnection(url(database), properties);
    }

    public Connection connect() throws SQLException {
        return connect("postgres");
    }

    /** Runs each statement in its own transaction. */
    public void run(String... statements) throws SQLException {
        runIn("postgres", statements);
    }

    public void runIn(String database, String... statements) throws SQLException {
        try (Connection connection = connect(database);
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of the first row as text. */
    public String text(String sql) throws SQLException {
        try (Connection connection = connect();
                var statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    public Lsn position() throws SQLException {
        return Lsn.parse(text("select pg_current_wal_insert_lsn()"));
    }

    /** A backup of the data directory's files, with what recovery needs, but without WAL. */
    public record Backup(Path folder, Lsn redo) {}

    /** Copies the data directory between pg_backup_start and pg_backup_stop, while {@code meanwhile} runs. */
    public Backup backup(Path target, String... meanwhile) throws Exception {
        try (Connection connection = connect();
                var statement = connection.createStatement()) {
            boolean old = PostgresVersion.current() < 15;
            statement.execute(
                    old ? "select pg_start_backup('test', true, false)" : "select pg_backup_start('test', true)");
            copy(data, target);
            run(meanwhile);
            try (ResultSet rows = statement.executeQuery(
                    "select labelfile from " + (old ? "pg_stop_backup(false, false)" : "pg_backup_stop(false)"))) {
                rows.next();
                String label = rows.getString(1);
                Files.writeString(target.resolve("backup_label"), label);
                String redo = label.replaceAll("(?s)START WAL LOCATION: (\\S+).*", "$1");
                return new Backup(target, Lsn.parse(redo));
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Path relative = from.relativize(path);
                Path destination = to.resolve(relative.toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(destination);
                } else if (!relative.startsWith("pg_wal") && !relative.startsWith("postmaster.pid")) {
                    Files.copy(path, destination);
                }
            }
        }
        Files.setPosixFilePermissions(to, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
    }

    @Override
    public void close() {
        server.stopImmediately(LIMIT);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
