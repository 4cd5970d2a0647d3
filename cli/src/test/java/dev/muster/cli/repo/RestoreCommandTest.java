package dev.muster.cli.repo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.ExitCode;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestoreCommandTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private Path folder = Path.of("");
    private final Installation installation = Installation.at(PostgresBinaries.home());
    private Muster muster;
    private Server live;
    private int port;

    @BeforeAll
    void start(@TempDir Path place) throws Exception {
        folder = place;
        muster = new Muster(folder);
        muster.run("repo", "init").ok();
        Path data = folder.resolve("live/data");
        Server.initialise(installation, data, "postgres", "--wal-segsize=1", "--no-sync");
        port = freePort();
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "listen_addresses = '127.0.0.1'\nport = " + port
                        + "\nunix_socket_directories = ''\nfsync = off\nautovacuum = off\nshared_buffers = '32MB'\n"
                        + "archive_mode = on\narchive_command = 'true'\nmin_wal_size = '2MB'\nwal_keep_size = 0\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING);
        live = new Server(installation, data, folder.resolve("live/log"));
        live.start(LIMIT);
    }

    @AfterAll
    void stop() {
        live.stopImmediately(LIMIT);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String value(int at, String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + at + "/postgres", "postgres", "");
                Statement statement = connection.createStatement()) {
            String last = "";
            for (boolean rows = statement.execute(sql); rows; rows = statement.getMoreResults()) {
                try (ResultSet result = statement.getResultSet()) {
                    result.next();
                    last = result.getString(1);
                }
            }
            return last;
        }
    }

    private Muster.Said backup() {
        return muster.run(
                "repo",
                "backup",
                "postgres:postgresql://postgres@127.0.0.1:" + port + "/postgres",
                "--data-dir",
                live.dataDirectory().toString(),
                "--source",
                "orders-main",
                "-o",
                "json");
    }

    @Test
    @DisplayName("Repository 5: with only the store and the key, PostgreSQL is restored and started by hand")
    void aClusterComesBackFromNothingButTheStoreAndTheKey() throws Exception {
        value(port, "create table orders (n int primary key); insert into orders select generate_series(1, 1000)");
        JsonNode made = backup().ok().json();
        assertThat(value(port, "select count(*) from pg_replication_slots")).isEqualTo("0");
        // A second one, whose WAL does not join on to the first one's.
        value(port, "insert into orders select generate_series(1001, 2000)");
        String stored =
                value(port, "select pg_walfile_name('" + made.path("stop").asText() + "')");
        await(
                () -> {
                    value(port, "create table if not exists filler (n int); insert into filler values (1)");
                    value(port, "select pg_switch_wal()");
                    value(port, "checkpoint");
                    return value(port, "select count(*) from pg_ls_waldir() where name = '" + stored + "'")
                            .equals("0");
                },
                folder.resolve("live"));
        JsonNode second = backup().ok().json();
        assertThat(second.path("backup").asText())
                .isNotEqualTo(made.path("backup").asText());
        live.stopImmediately(LIMIT);
        Files.move(folder.resolve("live"), folder.resolve("lost"));

        Path to = folder.resolve("restored's % folder");
        int other = freePort();
        String[] restore = {
            "restore",
            "--source",
            "orders-main",
            "--to",
            to.toString(),
            "--port",
            Integer.toString(other),
            "--access",
            "trust-local",
            "-o",
            "json"
        };
        Muster.Said plan = muster.run(with(restore, "--dry-run")).ok();
        assertThat(plan.json().path("restored").asBoolean()).isFalse();
        assertThat(to).doesNotExist();
        JsonNode restored = muster.run(restore).ok().json();
        assertThat(restored.path("backup").asText())
                .isEqualTo(second.path("backup").asText());

        Path data = Path.of(restored.path("dataDirectory").asText());
        byHand("-D", data.toString(), "-l", to.resolve("log").toString(), "-w", "start");
        try {
            await(() -> value(other, "select count(*) from orders").equals("2000"), to);
            assertThat(value(other, "select pg_is_in_recovery()")).isEqualTo("t");
            byHand("-D", data.toString(), "-w", "promote");
            value(other, "insert into orders values (2001)");
            assertThat(value(other, "select count(*) from orders")).isEqualTo("2001");
            assertThat(value(other, "show archive_mode")).isEqualTo("off");
            Muster.Said again = muster.run(restore);
            assertThat(again.exit()).isEqualTo(ExitCode.BAD_INPUT);
            assertThat(again.err()).startsWith("TARGET_NOT_EMPTY").contains("started on");
            Muster.Said over = muster.run(
                    with(with(restore, "--delta"), made.path("systemId").asText()));
            assertThat(over.err()).startsWith("TARGET_IN_USE");
            assertThat(over.exit()).isEqualTo(ExitCode.BAD_INPUT);
        } finally {
            byHand("-D", data.toString(), "-m", "immediate", "-w", "stop");
            Files.move(folder.resolve("lost"), folder.resolve("live"));
            live.start(LIMIT);
        }
    }

    private static String[] with(String[] arguments, String more) {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = more;
        return all;
    }

    private void byHand(String... arguments) {
        installation.run(LIMIT, "pg_ctl", arguments);
    }

    private interface Condition {
        boolean holds() throws SQLException;
    }

    private static void await(Condition condition, Path to) throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            try {
                if (condition.holds()) {
                    return;
                }
            } catch (SQLException e) {
                // Not consistent yet.
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError(Files.readString(to.resolve("log")));
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    @Test
    @DisplayName("PostgreSQL recovery 1: the script answers 1 only for WAL that was never there, else 126")
    void theScriptNeverEndsRecoveryEarly() throws Exception {
        backup().ok();
        Path to = folder.resolve("copy");
        muster.run("restore", "--source", "orders-main", "--to", to.toString()).ok();
        Path wal = to.resolve("wal");
        String first = Files.readAllLines(wal.resolve("complete")).get(0);
        Path target = folder.resolve("target");
        assertThat(script(wal, first, target)).isZero();
        assertThat(target).hasSameBinaryContentAs(wal.resolve("files").resolve(first));
        assertThat(script(wal, "00000001000000FF000000FF", target)).isEqualTo(1);
        assertThat(script(wal, "00000009.history", target)).isEqualTo(1);
        assertThat(script(wal, "../data/PG_VERSION", target)).isEqualTo(126);
        assertThat(script(wal, first, folder.resolve("no/such/folder"))).isEqualTo(126);
        Files.delete(wal.resolve("files").resolve(first));
        assertThat(script(wal, first, target)).isEqualTo(126);
        Files.delete(wal.resolve("complete"));
        assertThat(script(wal, "00000001000000FF000000FF", target)).isEqualTo(126);
    }

    private static int script(Path wal, String name, Path target) throws Exception {
        return new ProcessBuilder(List.of(
                        "/bin/sh",
                        wal.resolve("restore-wal.sh").toString(),
                        wal.toString(),
                        name,
                        target.toString(),
                        "60"))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @Test
    void aTargetThatCannotBeReachedIsRefusedBeforeAnythingIsWritten() throws Exception {
        backup().ok();
        Path to = folder.resolve("never");
        for (String target : List.of("time:2001-01-01T00:00:00Z", "time:2999-01-01T00:00:00Z", "lsn:FF/0", "2026")) {
            Muster.Said said =
                    muster.run("restore", "--source", "orders-main", "--to", to.toString(), "--target", target);
            assertThat(said.exit()).as(target + said.err()).isEqualTo(ExitCode.BAD_INPUT);
            assertThat(said.err()).contains(" Hint: ").doesNotContain("\tat ");
        }
        assertThat(to).doesNotExist();
    }

    @Test
    void ofATargetBeforeAllBackupsItIsSaidHowFarBackOneCanGo() throws Exception {
        String oldest = more("--source", "orders-old").ok().json().path("stop").asText();
        more("--source", "orders-old").ok();
        String to = folder.resolve("never").toString();
        Muster.Said said =
                muster.run("restore", "--source", "orders-old", "--to", to, "--target", "time:2001-01-01 00:00:00+00");
        assertThat(said.err()).startsWith("TARGET_BEFORE_BACKUP").contains("only from " + oldest);
    }

    @Test
    void aClusterIsNotBackedUpUnderTheNameOfATree() throws Exception {
        Path tree = Files.createDirectories(folder.resolve("tree"));
        muster.run("repo", "backup", "files:" + tree, "--source", "orders-models")
                .ok();
        Muster.Said said = more("--source", "orders-models");
        assertThat(said.err()).startsWith("SOURCE_OF_OTHER_KIND");
        assertThat(said.exit()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(muster.run("repo", "list", "--source", "orders-models", "-o", "json")
                        .json()
                        .path("backups"))
                .hasSize(1);
        assertThat(muster.run("wal", "status", "--source", "orders-models").out())
                .doesNotContain("0/");
        assertThat(muster.run("restore", "--source", "orders-models", "--list-points")
                        .err())
                .startsWith("NOT_A_POSTGRES_BACKUP")
                .contains("of the kind 'files'", "muster repo restore");
    }

    @Test
    void aServerThatIsNotThereIsSaidAtOnceAndNoSlotIsSuspected() throws Exception {
        live.stop(Duration.ofSeconds(30));
        long begun = System.nanoTime();
        Muster.Said said = backup();
        Duration waited = Duration.ofNanos(System.nanoTime() - begun);
        live.start(Duration.ofSeconds(30));
        assertThat(said.err())
                .startsWith("CONNECTION_FAILED")
                .contains(" Hint: ")
                .doesNotContain("SLOT_NOT_DROPPED", "\tat ");
        assertThat(said.exit()).isEqualTo(ExitCode.UNREACHABLE);
        // The slot alone would have been waited for for 45 s.
        assertThat(waited).isLessThan(Duration.ofSeconds(20));
    }

    private Muster.Said more(String... options) {
        List<String> all = new ArrayList<>(List.of(
                "repo",
                "backup",
                "postgres:postgresql://postgres@127.0.0.1:" + port + "/postgres",
                "--data-dir",
                live.dataDirectory().toString(),
                "-o",
                "json"));
        all.addAll(List.of(options));
        return muster.run(all.toArray(String[]::new));
    }

    @Test
    void increasesAreBackedUpAndEveryBackupIsAPointToGoTo() throws Exception {
        String full = more("--source", "orders-kinds", "--limit", "500MB")
                .ok()
                .json()
                .path("backup")
                .asText();
        JsonNode second =
                more("--source", "orders-kinds", "--kind", "incremental").ok().json();
        assertThat(second.path("making").path("kind").asText()).isEqualTo("incremental");
        assertThat(second.path("making").path("parent").asText()).isEqualTo(full);
        Muster.Said unsuitable = more(
                "--source",
                "orders-kinds",
                "--kind",
                "differential",
                "--parent",
                second.path("backup").asText());
        assertThat(unsuitable.err()).startsWith("PARENT_UNSUITABLE");
        assertThat(unsuitable.exit()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(more("--source", "orders-kinds", "--kind", "archival")
                        .ok()
                        .json()
                        .path("making")
                        .path("kind"))
                .hasToString("\"archival\"");

        Muster.Said points = muster.run("restore", "--list-points", "--source", "orders-kinds");
        assertThat(points.ok().out()).contains(full, second.path("backup").asText());
        JsonNode list = muster.run("restore", "--list-points", "--source", "orders-kinds", "-o", "json")
                .ok()
                .json()
                .path("points");
        assertThat(list).hasSize(3).allMatch(one -> one.path("restorable").asBoolean());

        JsonNode expired = muster.run(
                        "repo",
                        "expire",
                        "--source",
                        "orders-kinds",
                        "--keep-last",
                        "1",
                        "--window",
                        "1h",
                        "--dry-run",
                        "-o",
                        "json")
                .ok()
                .json();
        assertThat(expired.path("wal").path("clusters")).hasSize(1);
        assertThat(expired.path("hash").asText()).hasSize(64);
    }

    @Test
    @DisplayName("Failover 9: an old data directory is overwritten only where its identifier is given, and to the byte")
    void anOldDataDirectoryIsBroughtBackToTheBackup() throws Exception {
        JsonNode made = more("--source", "orders-delta").ok().json();
        String system = made.path("systemId").asText();
        Path to = folder.resolve("delta");
        String[] restore = {"restore", "--source", "orders-delta", "--to", to.toString()};
        JsonNode fresh = muster.run(with(with(with(restore, "--dry-run"), "-o"), "json"))
                .ok()
                .json();
        assertThat(fresh.path("bytesToWrite").asLong())
                .isEqualTo(fresh.path("bytes").asLong());
        assertThat(fresh.path("wal").path("stored").asBoolean()).isTrue();
        assertThat(fresh.path("spaceMissing").asLong()).isZero();
        assertThat(to).doesNotExist();
        muster.run(restore).ok();

        // As an old server leaves it: no backup_label, other bytes, other files.
        Path data = to.resolve("data");
        Files.delete(data.resolve("backup_label"));
        Files.writeString(data.resolve("stray"), "of the old server");
        Path table = data.resolve("PG_VERSION");
        byte[] right = Files.readAllBytes(table);
        Files.writeString(table, "XX\n");
        String[] delta = with(with(restore, "--delta"), system);
        assertThat(muster.run(with(with(restore, "--delta"), "1")).err()).startsWith("SYSTEM_MISMATCH");
        Muster.Said would = muster.run(with(delta, "--dry-run")).ok();
        assertThat(would.out()).contains("OVER the old data directory").contains(data.resolve("stray") + "\n");
        assertThat(data.resolve("stray")).exists();

        muster.run(delta).ok();
        assertThat(data.resolve("stray")).doesNotExist();
        assertThat(table).hasBinaryContent(right);
        assertThat(data.resolve("backup_label")).exists();
        Files.writeString(table, "XX\n");
        muster.run(delta).ok();
        assertThat(table).as("nothing counts as done before it was compared").hasBinaryContent(right);
    }

    @Test
    @DisplayName(
            "Failover 14: a tablespace is restored where --tablespace says, else beside the copy, never at the source's")
    void aTablespaceIsPutWhereItIsTold() throws Exception {
        Path far = Files.createDirectories(folder.resolve("far away"));
        Path near = Files.createDirectories(folder.resolve("near"));
        installation.own(far);
        installation.own(near);
        value(port, "create tablespace far location '" + far + "'");
        value(port, "create tablespace near location '" + near + "'");
        value(port, "create table distant tablespace far as select g as n from generate_series(1, 5000) g");
        value(port, "create table close tablespace near as select g as n from generate_series(1, 4000) g");
        String nearby = value(port, "select oid from pg_tablespace where spcname = 'near'");
        more("--source", "orders-spaces").ok();
        long before = files(far) + files(near);
        Path to = folder.resolve("spaces");
        Path moved = folder.resolve("moved here");
        int other = freePort();
        List<String> restore = new ArrayList<>(List.of(
                "restore",
                "--source",
                "orders-spaces",
                "--to",
                to.toString(),
                "--port",
                Integer.toString(other),
                "--access",
                "trust-local",
                "-o",
                "json"));

        for (String wrong :
                List.of("far", "no/such/place=" + moved, far + "=relative", far + "=" + to.resolve("data/inside"))) {
            Muster.Said refused = muster.run(with(with(restore.toArray(String[]::new), "--tablespace"), wrong));
            assertThat(refused.err())
                    .as(wrong)
                    .startsWith("TABLESPACE_PLACE_REFUSED")
                    .contains(" Hint: ");
            assertThat(refused.exit()).isEqualTo(ExitCode.BAD_INPUT);
        }
        Muster.Said taken = muster.run(with(with(restore.toArray(String[]::new), "--tablespace"), far + "=" + near));
        assertThat(taken.err()).startsWith("TARGET_NOT_EMPTY");
        assertThat(to).doesNotExist();

        // As a person types a folder: with a slash at its end.
        restore.addAll(List.of("--tablespace", far + "/=" + moved));
        JsonNode plan = muster.run(with(restore.toArray(String[]::new), "--dry-run"))
                .ok()
                .json();
        Path beside = to.resolve("data-tablespaces").resolve(nearby);
        assertThat(plan.path("tablespaces").path(nearby).asText()).isEqualTo(beside.toString());
        assertThat(plan.path("tablespaces").findValuesAsText(nearby)).hasSize(1);
        assertThat(plan.path("disks")).isNotEmpty();
        muster.run(restore.toArray(String[]::new)).ok();
        Path data = to.resolve("data");
        byHand("-D", data.toString(), "-l", to.resolve("log").toString(), "-w", "start");
        try {
            await(() -> value(other, "select count(*) from distant").equals("5000"), to);
            assertThat(value(other, "select count(*) from close")).isEqualTo("4000");
            assertThat(value(other, "select pg_tablespace_location(oid) from pg_tablespace where spcname = 'far'"))
                    .isEqualTo(moved.toString());
            assertThat(value(other, "select pg_tablespace_location(oid) from pg_tablespace where spcname = 'near'"))
                    .isEqualTo(beside.toString());
            byHand("-D", data.toString(), "-w", "promote");
            value(other, "insert into distant select generate_series(1, 100000)");
            value(other, "checkpoint");
        } finally {
            byHand("-D", data.toString(), "-m", "immediate", "-w", "stop");
        }
        assertThat(files(moved)).isGreaterThan(3_000_000);
        assertThat(files(far) + files(near)).isEqualTo(before);
        value(port, "drop table distant");
        value(port, "drop table close");
        value(port, "drop tablespace far");
        value(port, "drop tablespace near");
    }

    private static long files(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @Test
    void aStandbyFollowsItsPrimary() throws Exception {
        more("--source", "orders-standby").ok();
        Path to = folder.resolve("standby");
        String primary = "host=127.0.0.1 port=" + port + " user=postgres";
        Muster.Said secret = muster.run(
                "restore", "--source", "orders-standby", "--to", to.toString(), "--standby", primary + " password=x");
        assertThat(secret.err()).startsWith("PASSWORD_IN_CONNECTION");
        assertThat(to).doesNotExist();
        muster.run("restore", "--source", "orders-standby", "--to", to.toString(), "--standby", primary)
                .ok();
        Path data = to.resolve("data");
        int other = freePort();
        Files.writeString(data.resolve("postgresql.auto.conf"), "port = " + other + "\n", StandardOpenOption.APPEND);
        byHand("-D", data.toString(), "-l", to.resolve("log").toString(), "-w", "start");
        try {
            value(port, "create table followed (n int)");
            await(() -> value(other, "select count(*) from followed").equals("0"), to);
            assertThat(value(other, "select status from pg_stat_wal_receiver")).isEqualTo("streaming");
        } finally {
            byHand("-D", data.toString(), "-m", "immediate", "-w", "stop");
        }
    }
}
