package dev.muster.cli.repo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.Errors;
import dev.muster.cli.keys.KeysCommand;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgres.instance.Server;
import dev.muster.postgresbinaries.PostgresBinaries;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The day on which host, catalogue and daily key are gone: what is left is a copy of the store, and a sheet of paper. */
class OfflineKeyRestoreTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private final Installation installation = Installation.at(PostgresBinaries.home());

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String value(int port, String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "");
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private static String keys(String... arguments) {
        StringWriter out = new StringWriter();
        int exit = Errors.configure(new CommandLine(new KeysCommand()))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(out))
                .execute(arguments);
        assertThat(exit).as(out.toString()).isZero();
        return out.toString();
    }

    private void backUp() throws Exception {
        Muster muster = new Muster(folder);
        muster.run("repo", "init").ok();
        Path data = folder.resolve("live/data");
        Server.initialise(installation, data, "postgres", "--wal-segsize=1", "--no-sync");
        int port = freePort();
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "listen_addresses = '127.0.0.1'\nport = " + port
                        + "\nunix_socket_directories = ''\nfsync = off\nshared_buffers = '32MB'\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING);
        Server live = new Server(installation, data, folder.resolve("live/log"));
        live.start(LIMIT);
        try {
            value(port, "select lo_from_bytea(4711, 'what the company lives on')");
            muster.run(
                            "repo",
                            "backup",
                            "postgres:postgresql://postgres@127.0.0.1:" + port + "/postgres",
                            "--data-dir",
                            data.toString(),
                            "--source",
                            "orders-main")
                    .ok();
        } finally {
            live.stopImmediately(LIMIT);
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 5: with a copy of the store and the offline key typed in from paper, and nothing"
                    + " else of the installation, PostgreSQL is restored from the command line and started by hand")
    void onlyTheStoreAndThePaper() throws Exception {
        backUp();
        Path offline = folder.resolve("offline.key");
        keys("generate", offline.toString());
        String store = "file://" + folder.resolve("store");
        keys("add", "--store", store, "--key", "file:" + folder.resolve("key"), "--new", "file:" + offline);
        String paper = keys("paper", offline.toString());

        // Another machine: no file of the first one but the store's objects.
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.move(folder.resolve("store"), elsewhere.resolve("copy"));
        try (Stream<Path> left = Files.walk(folder)) {
            for (Path path : left.sorted(java.util.Comparator.reverseOrder()).toList()) {
                if (!path.startsWith(elsewhere) && !path.equals(folder)) {
                    Files.delete(path);
                }
            }
        }
        Path typed = Files.writeString(elsewhere.resolve("typed"), paper.toUpperCase(java.util.Locale.ROOT));
        Path to = elsewhere.resolve("restored");
        int port = freePort();
        JsonNode restored = Muster.plain(
                        "restore",
                        "--store",
                        "file://" + elsewhere.resolve("copy"),
                        "--key-file",
                        typed.toString(),
                        "--source",
                        "orders-main",
                        "--to",
                        to.toString(),
                        "--port",
                        Integer.toString(port),
                        "--access",
                        "trust-local",
                        "-o",
                        "json")
                .ok()
                .json();
        Path data = Path.of(restored.path("dataDirectory").asText());
        installation.run(
                LIMIT, "pg_ctl", "-D", data.toString(), "-l", to.resolve("log").toString(), "-w", "start");
        try {
            awaitContent(port, to);
        } finally {
            installation.run(LIMIT, "pg_ctl", "-D", data.toString(), "-m", "immediate", "-w", "stop");
        }
    }

    private static void awaitContent(int port, Path to) throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        String found = "";
        while (!found.equals("what the company lives on")) {
            assertThat(System.nanoTime())
                    .as(found + Files.readString(to.resolve("log")))
                    .isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(50);
            try {
                found = value(port, "select convert_from(lo_get(4711), 'UTF8')");
            } catch (SQLException e) {
                found = String.valueOf(e.getMessage()); // Not consistent yet.
            }
        }
    }
}
