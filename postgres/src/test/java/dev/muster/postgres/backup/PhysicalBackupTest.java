package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.PostgresVersion;
import dev.muster.postgres.Progress;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.restore.RecoveryTarget;
import dev.muster.repository.Entry;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SAFETY "PostgreSQL recovery" 5, 8, 9. */
class PhysicalBackupTest {
    @TempDir
    Path folder;

    private BackedUpCluster source;

    @BeforeEach
    void start() throws Exception {
        source = BackedUpCluster.start(folder, "max_wal_size = '64MB'", "temp_buffers = '800kB'");
    }

    @AfterEach
    void stop() {
        source.close();
    }

    private Map<String, Entry> entries(BackupResult backup) {
        Map<String, Entry> entries = new TreeMap<>();
        source.repository()
                .backup(BackedUpCluster.SOURCE, backup.backupId())
                .entries(entry -> entries.put(entry.path().toString(), entry));
        return entries;
    }

    private Path relation(String name) throws SQLException {
        return source.cluster().data().resolve(source.cluster().value("select pg_relation_filepath('" + name + "')"));
    }

    @Test
    void aBackupUnderWriteLoadRestoresToTheSameRowsAsTheSource() throws Exception {
        source.cluster()
                .execute(
                        "create table accounts (n int primary key, balance int, filler text)",
                        "insert into accounts select g, 0, repeat('f', 300) from generate_series(1, 40000) g",
                        "create index on accounts (balance)");
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger rounds = new AtomicInteger();
        Thread writer = new Thread(() -> load(stop, rounds), "load");
        writer.start();
        await().until(() -> rounds.get() > 2);
        BackupResult backup;
        try {
            backup = source.backup();
            int then = rounds.get();
            await().until(() -> rounds.get() > then + 2);
        } finally {
            stop.set(true);
            writer.join();
        }
        assertThat(backup.summary().badPages()).isEmpty();
        source.settle();
        RecoveryServer copy = source.recover(backup, "copy", new RecoveryTarget.Latest());
        for (String sql : List.of(
                "select count(*) || ' ' || sum(balance) || ' ' || md5(string_agg(n || ':' || balance, ',' order by n))"
                        + " from accounts",
                "select count(*) from accounts where balance > 0",
                "select coalesce(string_agg(relname, ',' order by relname), '') from pg_class where relname like"
                        + " 'churn%'")) {
            assertThat(BackedUpCluster.value(copy, sql))
                    .isEqualTo(source.cluster().value(sql));
        }
        assertThat(BackedUpCluster.value(
                        copy,
                        "select count(*) from pg_class c, lateral"
                                + " (select pg_relation_size(c.oid)) s where relkind = 'r'"))
                .isNotEqualTo("0");
    }

    /** Rows change, and relations come, go, shrink and are rewritten (SAFETY "PostgreSQL recovery" 9). */
    private void load(AtomicBoolean stop, AtomicInteger rounds) {
        try (Connection connection = source.cluster().connect();
                Statement statement = connection.createStatement()) {
            for (int i = 0; !stop.get(); i++) {
                statement.execute("update accounts set balance = balance + 1 where n % 50 = " + i % 50);
                statement.execute(
                        "create table churn" + i + " as select repeat('c', 500) from generate_series(1, 500)");
                statement.execute("delete from accounts where n between " + (40001 + i) + " and " + (40050 + i));
                switch (i % 5) {
                    case 0 -> statement.execute("truncate churn" + i);
                    case 1 -> statement.execute("drop table churn" + i);
                    case 2 -> statement.execute("vacuum full churn" + i);
                    case 3 -> statement.execute("delete from churn" + i);
                    default -> statement.execute("vacuum churn" + (i - 1));
                }
                rounds.incrementAndGet();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void databasesCreatedDuringTheBackupByBothStrategiesAreRecovered() throws Exception {
        AtomicBoolean created = new AtomicBoolean();
        // Before 15 there is one way only.
        boolean choice = PostgresVersion.current() >= 15;
        PhysicalBackup.Settings settings =
                PhysicalBackup.Settings.defaults(source.cluster().data(), "test");
        BackupResult backup = new PhysicalBackup(
                        source.repository(),
                        BackedUpCluster.SOURCE,
                        source.cluster().dataSource(),
                        settings)
                .run((done, total) -> {
                    if (created.compareAndSet(false, true)) {
                        try {
                            source.cluster()
                                    .execute(
                                            "create database by_wal" + (choice ? " strategy wal_log" : ""),
                                            "create database by_copy" + (choice ? " strategy file_copy" : ""));
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                });
        source.settle();
        RecoveryServer copy = source.recover(backup, "copy", new RecoveryTarget.Latest());
        for (String database : List.of("by_wal", "by_copy")) {
            try (Connection connection = copy.dataSource(database).getConnection()) {
                assertThat(connection.isValid(5)).isTrue();
            }
        }
    }

    @Test
    void whatTheServerMakesAnewIsLeftOutAndItsFoldersAreKept() throws Exception {
        Path data = source.cluster().data();
        source.cluster()
                .execute(
                        "create unlogged table u (n int)",
                        "insert into u select generate_series(1, 1000)",
                        "create table kept (n int)",
                        "checkpoint");
        Files.createDirectories(data.resolve("base/pgsql_tmp"));
        Files.writeString(data.resolve("base/pgsql_tmp/pgsql_tmp1.0"), "x");
        Files.writeString(data.resolve("base/1/t3_16999"), "x");
        Files.writeString(data.resolve("standby.signal"), "");
        String unlogged = source.cluster().value("select pg_relation_filepath('u')");
        BackupResult backup = source.backup();
        Files.delete(data.resolve("standby.signal"));
        Map<String, Entry> entries = entries(backup);
        assertThat(entries)
                .containsKeys(
                        "backup_label",
                        "global/pg_control",
                        "PG_VERSION",
                        "pg_wal",
                        "pg_wal/archive_status",
                        "pg_replslot",
                        "pg_notify",
                        "pg_subtrans",
                        "pg_tblspc",
                        unlogged + "_init",
                        source.cluster().value("select pg_relation_filepath('kept')"))
                .doesNotContainKeys(
                        unlogged,
                        "postmaster.pid",
                        "postmaster.opts",
                        "standby.signal",
                        "base/pgsql_tmp",
                        "base/1/t3_16999");
        assertThat(entries.keySet())
                .noneMatch(path -> path.startsWith("pg_wal/0"))
                .noneMatch(path -> path.contains("pg_internal.init"))
                .noneMatch(path -> path.startsWith("pg_replslot/"));
        RecoveryServer copy = source.recover(backup, "copy", new RecoveryTarget.Latest());
        copy.promote(BackedUpCluster.LIMIT);
        assertThat(BackedUpCluster.value(copy, "select count(*) from u")).isEqualTo("0");
    }

    @Test
    @DisplayName("backup_label is kept byte for byte (PostgreSQL recovery 5)")
    void theLabelIsByteForByteWhatTheServerGave() throws Exception {
        // With archiving on the server keeps the label's lines in a history file of the backup.
        source.cluster().execute("alter system set archive_mode = on", "alter system set archive_command = 'false'");
        source.cluster().server().stop(BackedUpCluster.LIMIT);
        source.cluster().server().start(BackedUpCluster.LIMIT);
        BackupResult backup = source.backup();
        Path copy = folder.resolve("copy");
        source.restore(backup, copy).run(dev.muster.postgres.Progress.NONE);
        Path history;
        try (var files = Files.list(source.cluster().data().resolve("pg_wal"))) {
            history = files.filter(file -> file.toString().endsWith(".backup"))
                    .findFirst()
                    .orElseThrow();
        }
        String expected = Files.readString(history).replaceAll("(?m)^STOP .*\n", "");
        assertThat(Files.readString(copy.resolve("data/backup_label"))).isEqualTo(expected);
    }

    @Test
    @DisplayName("pg_control is copied last: a checkpoint during the copy is in it (PostgreSQL recovery 5)")
    void pgControlIsCopiedLast() throws Exception {
        source.cluster().execute("create table t as select generate_series(1, 50000)");
        AtomicBoolean done = new AtomicBoolean();
        BackupResult backup = new PhysicalBackup(
                        source.repository(),
                        BackedUpCluster.SOURCE,
                        source.cluster().dataSource(),
                        PhysicalBackup.Settings.defaults(source.cluster().data(), "test"))
                .run((copied, total) -> {
                    if (copied > total / 2 && done.compareAndSet(false, true)) {
                        try {
                            source.cluster().execute("insert into t values (1)", "checkpoint");
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                    }
                });
        Path copy = folder.resolve("copy");
        List<byte[]> found = new ArrayList<>();
        var reader = source.repository().backup(BackedUpCluster.SOURCE, backup.backupId());
        reader.entries(entry -> {
            if (entry.path().toString().equals(ControlFile.PATH)) {
                byte[] content = new byte[(int) entry.size()];
                reader.runs(entry).forEach(run -> reader.read(run, content, (int) run.offset()));
                found.add(content);
            }
        });
        assertThat(ControlFile.parse(found.get(0)).checkpoint())
                .isGreaterThan(backup.summary().checkpoint());
        source.restore(backup, copy).run(Progress.NONE);
        assertThat(ControlFile.read(copy.resolve("data")).checkpoint())
                .isLessThan(backup.summary().start());
    }

    @Test
    void theSummarySaysWhatARestoreMustKnow() throws Exception {
        source.cluster().execute("create table t as select repeat('x', 900) from generate_series(1, 20000)");
        BackupResult backup = source.backup();
        BackupSummary summary = backup.summary();
        assertThat(summary.systemId())
                .isEqualTo(source.cluster().value("select system_identifier from pg_control_system()"));
        assertThat(summary.majorVersion()).isEqualTo(PostgresVersion.current());
        assertThat(summary.segmentSize()).isEqualTo(1 << 20);
        assertThat(summary.pageChecksums()).isTrue();
        assertThat(summary.start()).isLessThan(summary.stop());
        assertThat(summary.startTime()).isBefore(summary.stopTime());
        assertThat(summary.rawBytes()).isGreaterThan(20_000_000);
        assertThat(summary.storedBytes()).isBetween(100_000L, summary.rawBytes());
        assertThat(summary.settings()).containsEntry("max_connections", "100").containsEntry("superuser", "postgres");
        assertThat(backup.bytes()).isPositive();
        assertThat(backup.cpuSeconds()).isPositive();
        var listed = source.repository().backups(BackedUpCluster.SOURCE);
        assertThat(listed).hasSize(1);
        assertThat(BackupSummary.of(listed.get(0).summary())).isEqualTo(summary);
        assertThat(source.repository()
                        .verify(BackedUpCluster.SOURCE, backup.backupId(), 2)
                        .problems())
                .isEmpty();
    }

    @Test
    void aBadPageIsNamedAndByPolicyAnError() throws Exception {
        source.cluster()
                .execute("create table t as select repeat('x', 900) from generate_series(1, 2000)", "checkpoint");
        Path relation = damage("t", 3);
        String named = source.cluster().data().relativize(relation) + ":3";
        assertThat(source.backup().summary().badPages()).containsExactly(named);
        PhysicalBackup.Settings strict = new PhysicalBackup.Settings(
                source.cluster().data(), "test", 2, 3, PhysicalBackup.BadPages.FAIL, Duration.ofSeconds(30));
        assertThatThrownBy(() -> source.backup(strict)).isInstanceOfSatisfying(PostgresException.class, e -> {
            assertThat(e.code()).isEqualTo("BAD_PAGE_CHECKSUM");
            assertThat(e.getMessage()).contains(named);
        });
        assertThat(source.repository().backups(BackedUpCluster.SOURCE)).hasSize(1);
    }

    private Path damage(String table, int page) throws Exception {
        Path relation = relation(table);
        source.cluster().server().stop(BackedUpCluster.LIMIT);
        try (RandomAccessFile file = new RandomAccessFile(relation.toFile(), "rw")) {
            file.seek(page * 8192L + 4000);
            file.write(0);
        }
        source.cluster().server().start(BackedUpCluster.LIMIT);
        return relation;
    }

    @Test
    void zeroPagesAndAMisalignedTailAreNotErrors() throws Exception {
        source.cluster()
                .execute("create table t as select repeat('x', 900) from generate_series(1, 100)", "checkpoint");
        Path relation = relation("t");
        source.cluster().server().stop(BackedUpCluster.LIMIT);
        try (RandomAccessFile file = new RandomAccessFile(relation.toFile(), "rw")) {
            file.seek(file.length());
            file.write(new byte[8192 + 100]);
        }
        source.cluster().server().start(BackedUpCluster.LIMIT);
        assertThat(source.backup().summary().badPages()).isEmpty();
    }

    @Test
    void theDataDirectoryOfAnotherServerIsRefused() throws Exception {
        try (TestCluster other = TestCluster.startAnother(folder.resolve("other"), 1)) {
            assertThatThrownBy(() -> source.backup(PhysicalBackup.Settings.defaults(other.data(), "test")))
                    .isInstanceOfSatisfying(
                            PostgresException.class, e -> assertThat(e.code()).isEqualTo("DATA_DIRECTORY_MISMATCH"));
        }
    }

    @Test
    @DisplayName("Data that somebody has moved behind a link is not left out silently: the backup fails")
    void dataBehindALinkFailsTheBackup() throws Exception {
        Path data = source.cluster().data();
        source.cluster().execute("create database moved");
        Path database =
                data.resolve("base/" + source.cluster().value("select oid from pg_database where datname = 'moved'"));
        source.cluster().server().stop(BackedUpCluster.LIMIT);
        for (Path moved : List.of(database, data.resolve("pg_xact"))) {
            Path place = Files.move(moved, folder.resolve("moved " + moved.getFileName()));
            Files.createSymbolicLink(moved, place);
            source.cluster().server().start(BackedUpCluster.LIMIT);
            assertThatThrownBy(source::backup).isInstanceOfSatisfying(PostgresException.class, e -> {
                assertThat(e.code()).isEqualTo("DATA_BEHIND_LINK");
                assertThat(e).hasMessageContaining(moved.getFileName().toString());
            });
            source.cluster().server().stop(BackedUpCluster.LIMIT);
            Files.delete(moved);
            Files.move(place, moved);
        }
        source.cluster().server().start(BackedUpCluster.LIMIT);
        Files.createSymbolicLink(data.resolve("mine.conf"), folder.resolve("key"));
        assertThat(source.backup().skipped()).containsExactly("mine.conf");
    }

    @Test
    void aBackupWhoseWalDoesNotArriveIsNotCommitted() throws Exception {
        source.receiver().close();
        PhysicalBackup.Settings impatient = new PhysicalBackup.Settings(
                source.cluster().data(), "test", 2, 3, PhysicalBackup.BadPages.RECORD, Duration.ofSeconds(1));
        assertThatThrownBy(() -> source.backup(impatient))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("WAL_NOT_ARCHIVED"));
        assertThat(source.repository().backups(BackedUpCluster.SOURCE)).isEmpty();
    }

    @Test
    void aCancelledBackupEndsSoonAndIsNotCommitted() throws Exception {
        PhysicalBackup backup = new PhysicalBackup(
                source.repository(),
                BackedUpCluster.SOURCE,
                source.cluster().dataSource(),
                PhysicalBackup.Settings.defaults(source.cluster().data(), "test"));
        assertThatThrownBy(() -> backup.run(new Progress() {
                    @Override
                    public void advanced(long done, long total) {}

                    @Override
                    public boolean cancelled() {
                        return true;
                    }
                }))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("CANCELLED"));
        assertThat(source.repository().backups(BackedUpCluster.SOURCE)).isEmpty();
    }
}
