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
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
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
        String spool = folder.resolve("spool").toString();
        await().atMost(LIMIT)
                .until(() ->
                        muster.run("wal", "status", "--spool", spool).out().contains("last file 0000000100000000"));
        assertThat(muster.run("wal", "status", "--source", "orders", "--spool", spool)
                        .ok()
                        .out())
                .contains("0 gaps")
                .contains(" of archive_command: served; last file ");

        // The store goes away.
        Files.move(folder.resolve("store"), folder.resolve("gone"));
        Files.createDirectories(folder.resolve("store"));
        Files.createFile(folder.resolve("store/src"));
        execute("insert into t values (1)");
        value("select pg_switch_wal()");
        await().atMost(LIMIT)
                .until(() -> muster.run("wal", "status", "--spool", spool).out().contains("TROUBLE: "));
        Muster.Said trouble = muster.run("wal", "status", "--spool", spool, "-o", "json");
        assertThat(trouble.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(trouble.json().path("spool").path("served").asBoolean()).isTrue();
        assertThat(trouble.json().path("spool").path("trouble").path("code").asText())
                .startsWith("STORE_");
        Files.delete(folder.resolve("store/src"));
        Files.delete(folder.resolve("store"));
        Files.move(folder.resolve("gone"), folder.resolve("store"));
        await().atMost(LIMIT)
                .until(() -> muster.run("wal", "status", "--spool", spool).exit() == ExitCode.SUCCESS);

        end(serving);
        Files.setLastModifiedTime(
                folder.resolve("spool/report.json"),
                java.nio.file.attribute.FileTime.from(java.time.Instant.now().minusSeconds(60)));
        Muster.Said nobody = muster.run("wal", "status", "--spool", spool);
        assertThat(nobody.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(nobody.out()).contains("NOBODY SERVES IT");
    }

    @Thorough
    @Test
    @DisplayName(
            "With two timelines it is said which goes on, which gaps are on the way, and what a restore would follow")
    void timelines() throws Exception {
        Process first = receive("--flush-after", "100");
        value("select pg_switch_wal()");
        assertThat(muster.run(
                                "repo",
                                "backup",
                                where(),
                                "--data-dir",
                                live.dataDirectory().toString(),
                                "--source",
                                "orders",
                                "--wal=elsewhere")
                        .ok()
                        .out())
                .contains("full");
        execute("create table t as select g as n from generate_series(1, 60000) g");
        awaitStored(Lsn.parse(value("select pg_current_wal_flush_lsn()")));
        live.stop(LIMIT);
        Path clone = folder.resolve("clone/data");
        copy(live.dataDirectory(), clone);
        live.start(LIMIT);
        execute("insert into t select generate_series(1, 60000)");
        awaitStored(Lsn.parse(value("select pg_current_wal_flush_lsn()")));
        end(first);
        live.stop(LIMIT);

        Files.createFile(clone.resolve("standby.signal"));
        live = new Server(Installation.at(PostgresBinaries.home()), clone, folder.resolve("clone/log"));
        live.start(LIMIT);
        value("select pg_promote()");
        execute("insert into t select generate_series(1, 60000)");
        Process second = receive("--slot", "other");
        Lsn end = Lsn.parse(value("select pg_current_wal_flush_lsn()"));
        await().atMost(LIMIT).until(() -> last(2).map(to -> !to.isBefore(end)).orElse(false));
        end(second);

        Muster.Said status = muster.run("wal", "status", "--source", "orders").ok();
        assertThat(status.out())
                .contains("Timeline 2 left timeline 1 at ")
                .contains("of timeline 1 after that are on a branch that leads elsewhere.");
        String to = folder.resolve("restored").toString();
        Muster.Said plan = muster.run("restore", "--source", "orders", "--to", to, "--dry-run");
        assertThat(plan.err()).contains("ATTENTION: a server was promoted since: timeline 2 left timeline 1");
        Muster.Said other = muster.run("restore", "--source", "orders", "--to", to, "--dry-run", "--timeline", "2");
        assertThat(other.ok().err()).doesNotContain("ATTENTION");
        assertThat(muster.run("wal", "gaps", "--source", "orders").ok().out()).contains("has no gap");

        // One on the way, one on the branch that was given up.
        List<Path> segments = segments(1);
        Files.delete(segments.get(segments.size() - 2));
        Files.delete(segments.get(2));
        Muster.Said gaps = muster.run("wal", "gaps", "--source", "orders");
        assertThat(gaps.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(gaps.out())
                .contains("the way to the newest, timeline 2")
                .contains("only timeline 1, which timeline 2 left at ");
        assertThat(gaps.err()).contains("--list-points --source orders");
        assertThat(muster.run("restore", "--list-points", "--source", "orders").err())
                .containsOnlyOnce("GAP: ");

        try (var files = Files.walk(folder.resolve("store"))) {
            Files.delete(files.filter(file -> file.getFileName().toString().endsWith(".history"))
                    .findFirst()
                    .orElseThrow());
        }
        Muster.Said without = muster.run("wal", "gaps", "--source", "orders");
        assertThat(without.exit()).isEqualTo(ExitCode.FAILED);
        assertThat(without.out()).contains("The history of timeline 2 is not in the store");
    }

    private java.util.Optional<Lsn> last(int timeline) {
        java.util.Optional<Lsn> last = java.util.Optional.empty();
        for (JsonNode range : muster.run("wal", "status", "--source", "orders", "-o", "json")
                .json()
                .path("clusters")
                .path(0)
                .path("ranges")) {
            if (range.path("timeline").asInt() == timeline) {
                last = java.util.Optional.of(Lsn.parse(range.path("to").asText()));
            }
        }
        return last;
    }

    private List<Path> segments(int timeline) throws IOException {
        String begin = String.format("%08X", timeline);
        try (var files = Files.walk(folder.resolve("store"))) {
            return files.filter(file -> file.getFileName().toString().endsWith(".seg"))
                    .filter(file -> file.getFileName().toString().startsWith(begin))
                    .sorted()
                    .toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        try (var paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    @Test
    @DisplayName("Bad input is refused before anything is touched")
    void refused() {
        Muster.Said neither = muster.run("wal", "status");
        assertThat(neither.exit()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(neither.err()).contains("--source NAME").contains("--spool DIR");
        Muster.Said none = muster.run("wal", "status", "--spool", folder.toString());
        assertThat(none.exit()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(none.err()).startsWith("SPOOL_UNKNOWN");
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
