package dev.muster.postgres.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgresbinaries.PostgresBinaries;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerTest {
    @TempDir
    Path folder;

    @Test
    void aServerIsFoundAgainByItsDataDirectoryAndStopsCleanly() throws Exception {
        Installation installation = Installation.at(PostgresBinaries.home());
        Path data = folder.resolve("data");
        Server.initialise(installation, data, "postgres");
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "listen_addresses = '127.0.0.1'\nport = " + port + "\nunix_socket_directories = ''\n",
                StandardOpenOption.TRUNCATE_EXISTING);
        Server first = new Server(installation, data, folder.resolve("log"));
        first.start(Duration.ofSeconds(30));
        try (var connection =
                DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "")) {
            assertThat(connection.isValid(5)).isTrue();
        }
        Server second = new Server(installation, data, folder.resolve("log"));
        assertThat(second.processId()).isPresent();
        second.stop(Duration.ofSeconds(30));
        assertThat(first.processId()).isEmpty();
    }
}
