package dev.muster.catalog;

import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.instance.Server;
import dev.muster.postgresbinaries.PostgresBinaries;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** A PostgreSQL server for the catalogue alone, on the loopback, below a folder; it can be stopped and started again. */
public final class CatalogDatabase implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String USER = "muster";

    private final Server server;
    private final int port;

    private CatalogDatabase(Server server, int port) {
        this.server = server;
        this.port = port;
    }

    /** An empty database: nothing is migrated. */
    public static CatalogDatabase start(Path folder) throws IOException {
        Installation installation = Installation.at(PostgresBinaries.home());
        Path data = folder.resolve("catalogue");
        Server.initialise(installation, data, USER, "--no-sync");
        int port = freePort();
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "listen_addresses = '127.0.0.1'\nport = " + port + "\nunix_socket_directories = ''\nfsync = off\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING);
        CatalogDatabase database =
                new CatalogDatabase(new Server(installation, data, folder.resolve("catalogue.log")), port);
        database.start();
        return database;
    }

    /** A database with the catalogue's tables. */
    public static CatalogDatabase migrated(Path folder) throws IOException {
        CatalogDatabase database = start(folder);
        Catalog.migrate(database.settings());
        return database;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    public String user() {
        return USER;
    }

    /** With a short patience, for tests that stop the server. */
    public CatalogSettings settings() {
        return new CatalogSettings(url(), USER, () -> "", 8, Duration.ofSeconds(2), Duration.ofSeconds(5));
    }

    public void start() {
        server.start(LIMIT);
    }

    /** As a crash: connections break at once. */
    public void stop() {
        server.stopImmediately(LIMIT);
    }

    public void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url(), USER, "");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The first column of the first row. */
    public String value(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url(), USER, "");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return String.valueOf(rows.getString(1));
        }
    }

    @Override
    public void close() {
        stop();
    }
}
