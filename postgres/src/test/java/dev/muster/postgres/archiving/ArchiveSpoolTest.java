package dev.muster.postgres.archiving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.Progress;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.backup.PhysicalBackup;
import dev.muster.postgres.restore.PhysicalRestore;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.restore.RecoverySettings;
import dev.muster.postgres.restore.RecoveryTarget;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.postgres.wal.WalRange;
import dev.muster.repository.Repository;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ArchiveSpoolTest {
    private static final int MEGABYTE = 1 << 20;
    private static final String SOURCE = "orders-main";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private record Answer(int exitCode, String error) {}

    private Path folder;

    /** The server's own. */
    private Path spool;

    /** For what a test hands over itself, undisturbed by the server. */
    private Path other;

    private TestCluster cluster;
    private Repository repository;
    private WalArchive archive;

    @BeforeAll
    void start(@TempDir Path below) throws Exception {
        folder = below;
        spool = Files.createDirectories(folder.resolve("it's a spool"));
        other = Files.createDirectories(folder.resolve("other spool"));
        cluster = TestCluster.start(
                folder.resolve("source"), 1, "autovacuum = off", "archive_mode = on", archiveCommand());
        Path store = Files.createDirectories(folder.resolve("store"));
        repository = Repository.create(
                Stores.open("file://" + store.toAbsolutePath()),
                KeyFile.generate(folder.resolve("key")),
                Clock.systemUTC());
        archive = new WalArchive(repository, SOURCE, systemId(), MEGABYTE);
    }

    @AfterAll
    void stop() {
        cluster.close();
        repository.close();
    }

    private String archiveCommand() {
        return "archive_command = '"
                + ArchiveSpool.archiveCommand(spool, Duration.ofSeconds(20))
                        .replace("\\", "\\\\")
                        .replace("'", "''") + "'";
    }

    private String systemId() throws SQLException {
        return cluster.value("select system_identifier from pg_control_system()");
    }

    private ArchiveSpool serve(Path spool) throws SQLException {
        return ArchiveSpool.start(spool, archive, systemId(), path -> {}, Clock.systemUTC());
    }

    private Path segmentOnDisk(int at) throws SQLException {
        Lsn position = cluster.flushed().segmentStart(MEGABYTE).plus((long) at * MEGABYTE);
        return cluster.data().resolve("pg_wal/" + SegmentName.of(1, position, MEGABYTE));
    }

    private Answer hand(String name, Path file, int seconds) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "/bin/sh",
                        other.resolve("archive-wal.sh").toString(),
                        other.toString(),
                        name,
                        file.toString(),
                        Integer.toString(seconds))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Answer(
                process.exitValue(), new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    @Test
    @Order(1)
    @DisplayName(
            "What archive_command hands over makes a backup restorable to its last segment, after a store that was away")
    void recoversFromWhatWasArchived() throws Exception {
        // Nobody serves yet: the server keeps its WAL and asks again.
        cluster.execute("create table t as select g as n from generate_series(1, 20000) g", "select pg_switch_wal()");
        BackupResult backup;
        try (ArchiveSpool served = serve(spool)) {
            backup = new PhysicalBackup(
                            repository,
                            SOURCE,
                            cluster.dataSource(),
                            PhysicalBackup.Settings.defaults(cluster.data(), "test"))
                    .run(Progress.NONE);
            cluster.execute("insert into t select generate_series(20001, 40000)");
            Lsn end = cluster.flushed();
            cluster.execute("select pg_switch_wal()");
            archive.awaitWal(1, backup.summary().start(), end, LIMIT, Progress.NONE);
            assertThat(served.lastStored()).isPresent();
            assertThat(served.trouble()).isEmpty();
        }
        assertThat(archive.ranges()).hasSize(1);
        RecoveryServer copy = recover(backup, "copy", 1);
        try {
            assertThat(value(copy, "select count(*) from t")).isEqualTo("40000");
        } finally {
            copy.destroy();
        }
    }

    @Test
    @Order(2)
    @DisplayName("archive_command: the same segment again is success, a different one with the same name is an error")
    void sameAgainAndDifferent() throws Exception {
        cluster.execute("insert into t select generate_series(1, 20000)");
        Path segment = segmentOnDisk(-1);
        String name = segment.getFileName().toString();
        try (ArchiveSpool serving = serve(other)) {
            assertThat(hand(name, segment, 20)).isEqualTo(new Answer(0, ""));
            assertThat(hand(name, segment, 20)).isEqualTo(new Answer(0, ""));
            byte[] other = Files.readAllBytes(segment);
            other[other.length - 1] ^= 1;
            Path changed = Files.write(folder.resolve("changed"), other);
            Answer answer = hand(name, changed, 20);
            assertThat(answer.exitCode()).isEqualTo(1);
            assertThat(answer.error()).contains("WAL_CONFLICT", "Hint: ");
            // What was stored is still the first.
            assertThat(hand(name, segment, 20).exitCode()).isEqualTo(0);
        }
    }

    @Test
    @Order(3)
    @DisplayName(
            "Files that are not this cluster's WAL are refused by name: another segment's, another cluster's, cut ones")
    void strangers() throws Exception {
        cluster.execute("insert into t select generate_series(1, 20000)");
        Path segment = segmentOnDisk(-1);
        String name = segment.getFileName().toString();
        try (ArchiveSpool serving = serve(other)) {
            String next = segmentOnDisk(0).getFileName().toString();
            assertThat(hand(next, segment, 20).error()).contains("WAL_FILE_UNKNOWN", "not that of segment " + next);
            Path cut = Files.write(
                    folder.resolve("cut"), java.util.Arrays.copyOf(Files.readAllBytes(segment), MEGABYTE - 1));
            assertThat(hand(name, cut, 20).error()).contains("WAL_FILE_UNKNOWN", "1048575 bytes");
            assertThat(hand(name, folder.resolve("none"), 20).error()).contains("There is no WAL file");
            byte[] foreign = Files.readAllBytes(segment);
            foreign[24] ^= 1;
            assertThat(hand(name, Files.write(folder.resolve("foreign"), foreign), 20)
                            .error())
                    .contains("WAL_OF_ANOTHER_CLUSTER");
            assertThat(hand("passwd", Path.of("/etc/passwd"), 20).error()).contains("WAL_FILE_UNKNOWN");
        }
    }

    @Test
    @Order(4)
    @DisplayName("Without anybody who serves the spool archive_command ends with 1, which PostgreSQL tries again")
    void nobodyServes() throws Exception {
        cluster.execute("insert into t select generate_series(1, 20000)");
        Path segment = segmentOnDisk(-1);
        serve(other).close();
        Answer answer = hand(segment.getFileName().toString(), segment, 1);
        assertThat(answer.exitCode()).isEqualTo(1);
        assertThat(answer.error()).contains("no answer within 1 s");
        assertThat(other.resolve("want")).isEmptyDirectory();
    }

    @Test
    @Order(5)
    @DisplayName("A spool that could not be answered through for a moment is served again, and nothing was lost"
            + " (PostgreSQL recovery 2)")
    void servedAgain() throws Exception {
        cluster.execute("create table served as select g as n from generate_series(1, 40000) g");
        Path segment = segmentOnDisk(-1);
        String name = segment.getFileName().toString();
        try (ArchiveSpool serving = serve(other)) {
            Path away = Files.move(other.resolve("answers"), folder.resolve("away"));
            assertThat(hand(name, segment, 2).exitCode()).isEqualTo(1);
            assertThat(serving.trouble().orElseThrow().code()).isEqualTo("WAL_SPOOL_FAILED");
            Files.move(away, other.resolve("answers"));
            assertThat(hand(name, segment, 20)).isEqualTo(new Answer(0, ""));
            await().atMost(LIMIT).until(() -> serving.trouble().isEmpty());
        }
    }

    @Test
    @Order(6)
    @Thorough
    @DisplayName("After a promotion the history file and the partial segment of the old timeline are archived and used")
    void promotion() throws Exception {
        cluster.execute(
                "create table if not exists t (n int)", "truncate t", "insert into t select generate_series(1, 20000)");
        BackupResult backup;
        RecoveryServer standby;
        try (ArchiveSpool serving = serve(spool)) {
            backup = new PhysicalBackup(
                            repository,
                            SOURCE,
                            cluster.dataSource(),
                            PhysicalBackup.Settings.defaults(cluster.data(), "test"))
                    .run(Progress.NONE);
            cluster.execute("insert into t select generate_series(20001, 30000)");
            cluster.server().stop(LIMIT);
            // Its shutdown archives the last segment only when it is switched: bring it by hand as an operator would
            // not.
            standby = recover(backup, "standby", 1);
        }
        try (TestCluster promoted = promote(standby);
                ArchiveSpool served = ArchiveSpool.start(
                        spool, archive, backup.summary().systemId(), path -> {}, Clock.systemUTC())) {
            promoted.execute("insert into t select generate_series(100001, 101000)");
            Lsn end = promoted.flushed();
            promoted.execute("select pg_switch_wal()");
            await().atMost(LIMIT).untilAsserted(() -> {
                assertThat(archive.histories()).containsExactly(2);
                assertThat(archive.end(2))
                        .hasValueSatisfying(two -> assertThat(two).isGreaterThanOrEqualTo(end));
            });
            Lsn left = archive.history(2).orElseThrow().ancestors().get(0).end();
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(archive.ranges().stream()
                                    .filter(range -> range.timeline() == 1)
                                    .map(WalRange::to))
                            .last()
                            .satisfies(to -> assertThat(to).isGreaterThanOrEqualTo(left)));
            String rows = promoted.value("select count(*) from t");
            assertThat(archive.reach(
                            archive.history(2).orElseThrow(), backup.summary().start()))
                    .isGreaterThanOrEqualTo(end);
            RecoveryServer copy = recover(backup, "copy of the second", 2);
            try {
                assertThat(value(copy, "select count(*) from t")).isEqualTo(rows);
            } finally {
                copy.destroy();
            }
            assertThat(served.trouble()).isEmpty();
        }
    }

    /** As a server that archives, which a copy does not. */
    private TestCluster promote(RecoveryServer copy) throws Exception {
        Path data = copy.dataDirectory();
        copy.stop(LIMIT);
        Files.deleteIfExists(data.resolve("recovery.signal"));
        Files.writeString(data.resolve("pg_hba.conf"), "host all,replication all 127.0.0.1/32 trust\n");
        TestCluster standby = TestCluster.over(
                data, folder.resolve("promoted.log"), "archive_mode = on", "hot_standby = on", archiveCommand());
        standby.value("select pg_promote(true)");
        return standby;
    }

    private RecoveryServer recover(BackupResult backup, String name, int timeline) throws Exception {
        Path place = Files.createDirectories(folder.resolve(name));
        new PhysicalRestore(repository, SOURCE, backup.backupId(), RecoveryServer.dataDirectory(place), "token", 2)
                .run(Progress.NONE);
        RecoveryServer server = new RecoveryServer(TestCluster.installation(), place, archive);
        server.configure(
                RecoverySettings.defaults(
                        new RecoveryTarget.Latest(),
                        timeline,
                        TestCluster.freePort(),
                        RecoverySettings.Access.TRUST_LOCAL),
                backup.summary());
        server.start();
        server.awaitTarget(LIMIT, Progress.NONE);
        return server;
    }

    private static String value(RecoveryServer server, String sql) throws SQLException {
        try (Connection connection = server.dataSource("postgres").getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
