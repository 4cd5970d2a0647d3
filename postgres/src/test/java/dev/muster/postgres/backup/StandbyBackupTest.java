package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.restore.InPlaceRecovery;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.restore.RecoveryTarget;
import dev.muster.repository.BackupKind;
import dev.muster.storage.testing.Thorough;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A primary, and a standby that streams from it, made by a restore. */
class StandbyBackupTest {
    @TempDir
    Path folder;

    private BackedUpCluster source;
    private TestCluster standby;

    @BeforeEach
    void start() throws Exception {
        source = BackedUpCluster.start(folder, "max_wal_size = '64MB'");
        source.cluster()
                .execute(
                        "create table t (n int primary key, filler text)",
                        "insert into t select g, repeat('f', 200) from generate_series(1, 20000) g",
                        "select pg_create_physical_replication_slot('standby', true)");
        BackupResult base = source.backup();
        source.restore(base, folder.resolve("standby")).run(Progress.NONE);
        Path data = RecoveryServer.dataDirectory(folder.resolve("standby"));
        int port = TestCluster.freePort();
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                Files.readString(data.resolve("postgresql.auto.conf"))
                        .replace("port = " + source.cluster().port(), "port = " + port));
        InPlaceRecovery.configure(
                data,
                new InPlaceRecovery.Purpose.Follow(
                        "host=127.0.0.1 port=" + source.cluster().port() + " user=postgres", Optional.of("standby")),
                Optional.empty());
        TestCluster.installation().own(folder.resolve("standby"));
        standby = TestCluster.adopt(data, folder.resolve("standby/log"), port);
        caughtUp();
    }

    @AfterEach
    void stop() {
        standby.close();
        source.close();
    }

    private void caughtUp() throws SQLException {
        Lsn end = source.cluster().flushed();
        await().atMost(BackedUpCluster.LIMIT)
                .ignoreExceptions()
                .until(() -> !Lsn.parse(standby.value("select pg_last_wal_replay_lsn()"))
                        .isBefore(end));
    }

    private BackupResult backup(Progress progress) {
        return new PhysicalBackup(
                        source.repository(),
                        BackedUpCluster.SOURCE,
                        standby.dataSource(),
                        PhysicalBackup.Settings.defaults(standby.data(), "test"))
                .run(progress);
    }

    /** Once, when the first bytes have been copied. */
    private static Progress meanwhile(Action action) {
        AtomicBoolean done = new AtomicBoolean();
        return (copied, total) -> {
            if (done.compareAndSet(false, true)) {
                try {
                    action.run();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    private interface Action {
        void run() throws Exception;
    }

    private static String code(Runnable action) {
        try {
            action.run();
            return "no error";
        } catch (PostgresException e) {
            return e.code();
        }
    }

    @Test
    @DisplayName("A backup from a standby is consistent with the WAL of its primary's archive (PostgreSQL recovery 7)")
    void aBackupFromAStandbyUnderLoadRestoresToTheSameRows() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        Thread load = new Thread(() -> {
            try (Connection connection = source.cluster().connect();
                    Statement statement = connection.createStatement()) {
                for (int i = 0; !stop.get(); i++) {
                    statement.execute("update t set filler = filler || 'x' where n % 100 = " + i % 100);
                    statement.execute("insert into t select 30000 + " + i);
                    if (i % 10 == 0) {
                        statement.execute("checkpoint");
                    }
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        load.start();
        BackupResult backup;
        try {
            backup = backup(meanwhile(() -> standby.execute("checkpoint")));
        } finally {
            stop.set(true);
            load.join();
        }
        assertThat(backup.summary().settings()).containsEntry("taken_from", "standby");
        assertThat(backup.summary().badPages()).isEmpty();
        assertThat(backup.summary().start()).isLessThan(backup.summary().stop());
        source.settle();
        RecoveryServer copy = source.recover(backup, "copy", new RecoveryTarget.Latest());
        String all = "select count(*) || md5(string_agg(n || coalesce(filler, ''), ',' order by n)) from t";
        assertThat(BackedUpCluster.value(copy, all)).isEqualTo(source.cluster().value(all));
        assertThat(Files.readString(copy.dataDirectory().resolve("backup_label.old")))
                .contains("BACKUP FROM: standby");
    }

    @Test
    @DisplayName("A promotion during the backup aborts it (PostgreSQL recovery 7)")
    void aPromotionDuringTheBackupAbortsIt() throws Exception {
        int before = source.repository().backups(BackedUpCluster.SOURCE).size();
        assertThat(code(() -> backup(meanwhile(() -> {
                    standby.execute("select pg_promote(true, 60)");
                    standby.execute("insert into t values (-1)");
                }))))
                .isEqualTo("BACKUP_PROMOTED");
        assertThat(source.repository().backups(BackedUpCluster.SOURCE)).hasSize(before);
    }

    @Test
    @Thorough
    @DisplayName("A standby that has not replayed the backup's start, or is on another timeline than it, is refused"
            + " (PostgreSQL recovery 7)")
    void aStandbyBehindTheStartOrOnAnotherTimelineIsRefused() throws Exception {
        standby.execute("select pg_wal_replay_pause()");
        source.cluster().execute("insert into t values (-1)");
        Lsn start = source.cluster().flushed();
        try (Connection connection = standby.connect()) {
            StandbyRules rules = new StandbyRules(connection, Duration.ofMillis(300));
            assertThat(code(() -> unchecked(() -> rules.refuseUnlessReplayed(start))))
                    .isEqualTo("STANDBY_BEHIND");
            standby.execute("select pg_wal_replay_resume()");
            new StandbyRules(connection).refuseUnlessReplayed(start);
            rules.refuseOtherTimeline(1);
            assertThat(code(() -> unchecked(() -> rules.refuseOtherTimeline(2))))
                    .isEqualTo("BACKUP_PROMOTED");
        }
    }

    private static void unchecked(Action action) {
        try {
            action.run();
        } catch (PostgresException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    @Thorough
    @DisplayName("A primary that writes WAL without full pages is refused as a standby's (PostgreSQL recovery 7)")
    void fullPageWritesOffOnThePrimaryIsRefused() throws Exception {
        source.cluster().execute("alter system set full_page_writes = off", "select pg_reload_conf()");
        await().until(() -> source.cluster().value("show full_page_writes").equals("off"));
        source.cluster().execute("checkpoint", "update t set filler = 'y' where n < 10");
        caughtUp();
        assertThat(code(() -> backup(Progress.NONE))).isEqualTo("FULL_PAGE_WRITES_OFF");
    }

    @Test
    @Thorough
    @DisplayName("Increments from the standby against the primary's backups, and the other way round, restore to what"
            + " the server held (PostgreSQL recovery 7 and 10)")
    void primaryAndStandbyTakeTurns() throws Exception {
        boolean summaries = Integer.parseInt(source.cluster().value("show server_version_num")) >= 170_000;
        if (summaries) {
            source.cluster().execute("alter system set summarize_wal = on", "select pg_reload_conf()");
            standby.execute("alter system set summarize_wal = on", "select pg_reload_conf()");
        }
        source.cluster()
                .execute(
                        "create table u as select g as n, repeat('u', 300) as filler from generate_series(1, 20000) g",
                        "checkpoint");
        caughtUp();
        standby.execute("checkpoint");
        source.backup();
        for (int round = 1; round <= 4; round++) {
            source.cluster()
                    .execute(
                            "update t set filler = 'round " + round + "' where n % 500 = " + round,
                            "delete from u where n > " + 5000 * round,
                            "vacuum (truncate) u",
                            "insert into u select g, 'again' from generate_series(" + (5000 * round + 1)
                                    + ", 15000) g");
            if (round == 4) {
                source.cluster().execute("checkpoint");
            }
            caughtUp();
            boolean ofStandby = round % 2 == 1;
            PhysicalBackup.Settings settings = PhysicalBackup.Settings.defaults(
                            ofStandby ? standby.data() : source.cluster().data(), "test")
                    .with(BackupOptions.DEFAULT.with(Wanted.of(BackupKind.INCREMENTAL)));
            BackupResult backup = new PhysicalBackup(
                            source.repository(),
                            BackedUpCluster.SOURCE,
                            ofStandby ? standby.dataSource() : source.cluster().dataSource(),
                            settings)
                    .run(Progress.NONE);
            assertThat(backup.summary().making().method())
                    .as("%s", backup.summary().making())
                    .isEqualTo(summaries ? Making.Method.SUMMARIES : Making.Method.COMPARED);
            String all = "select (select count(*) || md5(string_agg(n || coalesce(filler, ''), ',' order by n)) from t)"
                    + " || (select count(*) || md5(string_agg(n || filler, ',' order by n)) from u)";
            String expected = source.cluster().value(all);
            source.settle();
            RecoveryServer copy = source.recover(backup, "copy" + round, new RecoveryTarget.Latest());
            assertThat(BackedUpCluster.value(copy, all)).isEqualTo(expected);
            copy.destroy();
        }
    }
}
