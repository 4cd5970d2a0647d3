package dev.muster.api;

import dev.muster.catalog.Catalog;
import dev.muster.catalog.CatalogSettings;
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
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** The catalogue's PostgreSQL, on the loopback; it can be stopped and started again. */
final class ApiDatabase implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String USER = "muster";

    private final Server server;
    private final int port;

    private ApiDatabase(Server server, int port) {
        this.server = server;
        this.port = port;
    }

    static ApiDatabase start(Path folder) throws IOException {
        Installation installation = Installation.at(PostgresBinaries.home());
        Path data = folder.resolve("catalogue");
        Server.initialise(installation, data, USER, "--no-sync");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "listen_addresses = '127.0.0.1'\nport = " + port + "\nunix_socket_directories = ''\nfsync = off\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING);
        ApiDatabase database = new ApiDatabase(new Server(installation, data, folder.resolve("catalogue.log")), port);
        database.start();
        Catalog.migrate(database.settings());
        return database;
    }

    /** With a short patience, for tests that stop the server. */
    CatalogSettings settings() {
        return new CatalogSettings(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres",
                USER,
                () -> "",
                8,
                Duration.ofSeconds(2),
                Duration.ofSeconds(5));
    }

    void start() {
        server.start(LIMIT);
    }

    /** As a crash: connections break at once. */
    void stop() {
        server.stopImmediately(LIMIT);
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(settings().jdbcUrl(), USER, "");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        stop();
    }
}
