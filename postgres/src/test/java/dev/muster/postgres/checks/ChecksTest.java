package dev.muster.postgres.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.checks.SqlCheck.Comparison;
import dev.muster.postgres.walscan.SourceCluster;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChecksTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    @Test
    void aSoundRunningClusterPassesAndADamagedPageIsNamedByPathAndBlock() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            Path space = Files.createDirectory(folder.resolve("space"));
            cluster.run(
                    "create tablespace elsewhere location '" + space + "'",
                    "create table t tablespace elsewhere as select g as id, md5(g::text) from generate_series(1, 50000) g",
                    "vacuum t",
                    "checkpoint");
            try (Connection connection = cluster.connect()) {
                assertThat(ChecksumCheck.areOn(connection)).isTrue();
            }
            Path file = cluster.data().resolve(cluster.text("select pg_relation_filepath('t')"));
            Files.write(file, new byte[8192 + 100], StandardOpenOption.APPEND);
            ChecksumReport sound = ChecksumCheck.run(cluster.data(), 8192, 2);
            assertThat(sound.passed()).as("%s", sound).isTrue();
            assertThat(sound.pages()).isGreaterThan(1000);
            try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
                access.seek(17 * 8192 + 5000);
                access.write(0xAB);
            }
            ChecksumReport damaged = ChecksumCheck.run(cluster.data(), 8192, 2);
            assertThat(damaged.bad()).isEqualTo(1);
            assertThat(damaged.listed().get(0).block()).isEqualTo(17);
            assertThat(damaged.listed().get(0).path())
                    .endsWith(file.getFileName().toString());
        }
    }

    @Test
    void amcheckPassesOnlyWhereItRanAndNamesADamagedTableOrIndex() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            cluster.run(
                    "create table t (id int primary key, text text)",
                    "insert into t select g, md5(g::text) from generate_series(1, 5000) g",
                    "checkpoint");
            cluster.runIn("template1", "create extension amcheck");
            AmcheckReport missing = Amcheck.run(cluster::connect, "postgres", true, MINUTE);
            assertThat(missing.passed()).isFalse();
            assertThat(missing.notChecked())
                    .singleElement()
                    .extracting(AmcheckReport.NotChecked::reason)
                    .isEqualTo("not checked: extension amcheck is missing in database postgres");
            cluster.run("create extension amcheck");
            AmcheckReport sound = Amcheck.run(cluster::connect, "postgres", true, MINUTE);
            assertThat(sound.passed()).as("%s", sound).isTrue();
            assertThat(sound.heaps()).isGreaterThan(50);
            assertThat(sound.indexes()).isGreaterThan(100);
            Path heap = cluster.data().resolve(cluster.text("select pg_relation_filepath('t')"));
            Path index = cluster.data().resolve(cluster.text("select pg_relation_filepath('t_pkey')"));
            cluster.run("checkpoint");
            cluster.server().stop(MINUTE);
            for (Path file : new Path[] {heap, index}) {
                byte[] bytes = Files.readAllBytes(file);
                int at = 8192 * 2 + 24 + 8;
                // Two line pointers exchanged by one to the same place, and the checksum made right again.
                System.arraycopy(bytes, at, bytes, at + 4, 4);
                int checksum = PageChecksum.of(bytes, 8192 * 2, 8192, 2);
                bytes[8192 * 2 + 8] = (byte) checksum;
                bytes[8192 * 2 + 9] = (byte) (checksum >>> 8);
                Files.write(file, bytes);
            }
            try (SourceCluster again = SourceCluster.startOn(cluster.data())) {
                AmcheckReport damaged = Amcheck.run(again::connect, "postgres", true, MINUTE);
                assertThat(damaged.findings())
                        .as("%s", damaged)
                        .anyMatch(finding -> finding.relation().equals("public.t_pkey"));
                assertThat(damaged.passed()).isFalse();
            }
        }
    }

    @Test
    void allChecksRunOnACopyThatIsPausedInRecovery() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder)) {
            cluster.runIn("template1", "create extension amcheck");
            cluster.run("create extension amcheck", "create table t as select generate_series(1, 100) as id");
            Canary written;
            SourceCluster.Backup backup;
            try (Connection connection = cluster.connect()) {
                Canary.prepare(connection);
                backup = cluster.backup(folder.resolve("copy"));
                written = Canary.beat(connection);
            }
            cluster.run("create index on t (id)", "create unlogged table u as table t");
            Lsn target = cluster.position();
            cluster.run("select pg_switch_wal()");
            Files.createFile(backup.folder().resolve("recovery.signal"));
            try (SourceCluster copy = SourceCluster.startOn(
                    backup.folder(),
                    "restore_command = 'cp \"" + cluster.data().resolve("pg_wal") + "/%f\" \"%p\"'",
                    "recovery_target_lsn = '" + target + "'",
                    "recovery_target_action = pause")) {
                Awaitility.await()
                        .until(() ->
                                copy.text("select to_regclass('u') is not null").equals("t"));
                AmcheckReport amcheck = Amcheck.run(copy::connect, "postgres", true, MINUTE);
                assertThat(amcheck.passed()).as("%s", amcheck).isTrue();
                assertThat(ChecksumCheck.run(copy.data(), 8192, 2).passed()).isTrue();
                try (Connection connection = copy.connect()) {
                    assertThat(Canary.newest(connection)).contains(written);
                    assertThat(check("select count(*) from t", Comparison.EQUALS, "100")
                                    .run(connection))
                            .matches(SqlCheck.Result::passed);
                }
            }
        }
    }

    @Test
    void sqlChecksCompareTheFirstValueAndCanChangeNothing() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder);
                Connection connection = cluster.connect()) {
            cluster.run("create table t as select generate_series(1, 100) as id");
            assertThat(check("select count(*) from t", Comparison.EQUALS, "100").run(connection))
                    .matches(SqlCheck.Result::passed);
            assertThat(check("select count(*) from t", Comparison.AT_LEAST, "100.0")
                            .run(connection))
                    .matches(SqlCheck.Result::passed);
            assertThat(check("select count(*) from t", Comparison.MORE_THAN, "100")
                            .run(connection)
                            .problem())
                    .isEqualTo("expected more than 100, got 100");
            assertThat(check("select null", Comparison.EQUALS, "NULL").run(connection))
                    .matches(SqlCheck.Result::passed);
            assertThat(check("select 'x'", Comparison.AT_MOST, "3")
                            .run(connection)
                            .problem())
                    .isEqualTo("not a number: x");
            assertThat(check("delete from t returning 1", Comparison.EQUALS, "1")
                            .run(connection)
                            .problem())
                    .contains("read-only");
            SqlCheck slow = new SqlCheck("slow", "select pg_sleep(60)", Comparison.EQUALS, "", Duration.ofMillis(50));
            assertThat(slow.run(connection).problem()).contains("timeout");
            assertThat(cluster.text("select count(*) from t")).isEqualTo("100");
        }
    }

    private static SqlCheck check(String query, Comparison comparison, String expected) {
        return new SqlCheck("rows", query, comparison, expected, MINUTE);
    }

    @Test
    void theNewestCanaryIsTheMeasuredRecoveryPointAndTheTableStaysSmall() throws Exception {
        try (SourceCluster cluster = SourceCluster.start(folder);
                Connection connection = cluster.connect()) {
            assertThat(Canary.newest(connection)).isEmpty();
            Canary.prepare(connection);
            Canary.prepare(connection);
            assertThat(Canary.newest(connection)).isEmpty();
            Canary last = new Canary(0, Instant.EPOCH);
            for (int i = 0; i < 250; i++) {
                last = Canary.beat(connection);
            }
            assertThat(last.id()).isEqualTo(250);
            assertThat(Canary.newest(connection)).contains(last);
            assertThat(last.before(last.writtenAt().plusSeconds(3))).isEqualTo(Duration.ofSeconds(3));
            assertThat(cluster.text("select count(*) from muster.canary")).isEqualTo("100");
        }
    }
}
