package dev.muster.cli.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.ExitCode;
import dev.muster.cli.repo.Muster;
import dev.muster.postgres.Lsn;
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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalCommandTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private Muster muster;
    private Server live;
    private int port;

    @BeforeEach
    void start() throws Exception {
        muster = new Muster(folder);
        muster.run("repo", "init").ok();
        Path data = folder.resolve("live/data");
        Server.initialise(Installation.at(PostgresBinaries.home()), data, "postgres", "--wal-segsize=1", "--no-sync");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "listen_addresses = '127.0.0.1'\nport = " + port
                        + "\nunix_socket_directories = ''\nfsync = off\nautovacuum = off\nshared_buffers = '32MB'\n"
                        + "archive_mode = on\narchive_command = 'true'\nmin_wal_size = '2MB'\nmax_wal_size = '4MB'\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING);
        live = new Server(Installation.at(PostgresBinaries.home()), data, folder.resolve("live/log"));
        live.start(LIMIT);
    }

    @AfterEach
    void stop() {
        live.stopImmediately(LIMIT);
    }

    private String value(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String where() {
        return "postgres:postgresql://postgres@127.0.0.1:" + port + "/postgres";
    }

    private Process receive(String... more) throws IOException {
        String[] all = new String[5 + more.length];
        System.arraycopy(new String[] {"wal", "receive", where(), "--source", "orders"}, 0, all, 0, 5);
        System.arraycopy(more, 0, all, 5, more.length);
        return muster.child(all);
    }

    private Lsn end() {
        JsonNode clusters = muster.run("wal", "status", "--source", "orders", "-o", "json")
                .ok()
                .json()
                .path("clusters");
        String to = "0/0";
        for (JsonNode range : clusters.path(0).path("ranges")) {
            to = range.path("to").asText();
        }
        return Lsn.parse(to);
    }

    private void awaitStored(Lsn position) {
        await().atMost(LIMIT).until(() -> !end().isBefore(position));
    }

    private static void end(Process process) throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @DisplayName(
            "WAL is received until the command is told to end, goes on after it was killed, and a gap is told with code 1")
    void receives() throws Exception {
        Process first = receive("--flush-after", "100");
        execute("create table t as select g as n from generate_series(1, 10000) g");
        awaitStored(Lsn.parse(value("select pg_current_wal_flush_lsn()")));
        first.destroyForcibly();
        assertThat(first.waitFor(30, TimeUnit.SECONDS)).isTrue();
        execute("insert into t select generate_series(1, 50000)");
        Process second = receive();
        Lsn more = Lsn.parse(value("select pg_current_wal_flush_lsn()"));
        awaitStored(more);
        end(second);
        assertThat(muster.run("wal", "gaps", "--source", "orders").ok().out()).contains("has no gap");

        // The slot is gone, and the server goes on without keeping anything.
        await().atMost(LIMIT)
                .until(() -> value("select active from pg_replication_slots").equals("f"));
        value("select pg_drop_replication_slot('muster')");
        for (int i = 0; i < 12; i++) {
            execute("insert into t select generate_series(1, 20000)");
            execute("checkpoint");
        }
        execute("create table u as select g as n from generate_series(1, 1000) g");
        Process third = receive("--accept-gap");
        awaitStored(Lsn.parse(value("select pg_current_wal_flush_lsn()")));
        end(third);
        Muster.Said gaps = muster.run("wal", "gaps", "--source", "orders");
        assertThat(gaps.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(gaps.out())
                .contains("MISSING FROM")
                .contains(more.segmentStart(1 << 20).toString().substring(0, 2));
        JsonNode missing = muster.run("wal", "gaps", "--source", "orders", "-o", "json")
                .json()
                .path("clusters")
                .path(0)
                .path("gaps");
        assertThat(missing).hasSize(1);
        assertThat(Lsn.parse(missing.path(0).path("from").asText())).isGreaterThanOrEqualTo(more);
    }

    @Test
    @DisplayName("archive_command as 'muster wal archive' prints it brings the server's WAL into the repository")
    void archives() throws Exception {
        Process serving = muster.child(
                "wal",
                "archive",
                where(),
                "--source",
                "orders",
                "--spool",
                folder.resolve("spool").toString());
        String line = new java.io.BufferedReader(new java.io.InputStreamReader(
                        serving.getInputStream(), java.nio.charset.StandardCharsets.UTF_8))
                .readLine();
        assertThat(line).startsWith("archive_command = '/bin/sh ");
        execute("alter system set archive_command = " + line.substring("archive_command = ".length()));
        value("select pg_reload_conf()");
        execute("create table t as select g as n from generate_series(1, 10000) g");
        Lsn position = Lsn.parse(value("select pg_current_wal_flush_lsn()"));
        value("select pg_switch_wal()");
        awaitStored(position);
        end(serving);
        assertThat(muster.run("wal", "status", "--source", "orders").ok().out()).contains("0 gaps");
    }

    @Test
    @DisplayName("Bad input is refused before anything is touched")
    void refused() {
        assertThat(muster.run("wal", "receive", "mysql:x", "--source", "orders").exit())
                .isEqualTo(ExitCode.BAD_INPUT);
        // It would be refused by the server for ever.
        assertThat(muster.run("wal", "receive", where(), "--source", "orders", "--slot", "Not a slot")
                        .err())
                .startsWith("SLOT_NAME_INVALID");
        Muster.Said late = muster.run("wal", "receive", where(), "--source", "orders", "--flush-after", "0");
        assertThat(late.exit()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(late.err()).contains("--flush-after is 1 to 60000, not 0");
        assertThat(muster.run("wal", "gaps", "--source", "nobody").ok().out()).contains("There is no WAL of nobody.");
    }
}
