package dev.muster.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.walscan.CommittedTransaction;
import dev.muster.postgres.walscan.TransactionScan;
import dev.muster.postgres.walscan.WalReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SAFETY "PostgreSQL recovery" 4 and 6, "Failover" 14. */
class RecoveryTest {
    @TempDir
    Path folder;

    private BackedUpCluster source;

    @BeforeEach
    void start() throws Exception {
        source = BackedUpCluster.start(folder);
        source.cluster().execute("create table t (n int primary key)", "insert into t select generate_series(1, 1000)");
    }

    @AfterEach
    void stop() {
        source.close();
    }

    private static String count(RecoveryServer copy) throws Exception {
        return BackedUpCluster.value(copy, "select count(*) from t");
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
    @DisplayName("Replay stops at each kind of target (PostgreSQL recovery 4)")
    void theCopyStopsAtEachKindOfTargetAndStaysInRecovery() throws Exception {
        BackupResult backup = source.backup();
        source.cluster().execute("insert into t values (1001)", "select pg_create_restore_point('before the mistake')");
        Lsn before = source.cluster().flushed();
        String xid;
        Instant time;
        try (var connection = source.cluster().connect();
                var statement = connection.createStatement()) {
            time = Instant.parse(
                    source.cluster()
                            .value(
                                    "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
            connection.setAutoCommit(false);
            try (var row = statement.executeQuery("select pg_current_xact_id()::xid::text")) {
                row.next();
                xid = row.getString(1);
            }
            statement.execute("delete from t");
            connection.commit();
        }
        source.cluster().execute("insert into t values (5)");
        source.settle();
        RecoveryTarget[] untouched = {
            new RecoveryTarget.Named("before the mistake"),
            new RecoveryTarget.Position(before, false),
            new RecoveryTarget.Time(time, true),
            new RecoveryTarget.Transaction(Long.parseLong(xid), false),
        };
        for (int i = 0; i < untouched.length; i++) {
            RecoveryServer copy = source.recover(backup, "copy" + i, untouched[i]);
            assertThat(count(copy)).as(untouched[i].describe()).isEqualTo("1001");
            assertThat(BackedUpCluster.value(copy, "select pg_is_in_recovery()"))
                    .isEqualTo("t");
            copy.destroy();
            assertThat(folder.resolve("copy" + i)).doesNotExist();
        }
        RecoveryServer deleted =
                source.recover(backup, "deleted", new RecoveryTarget.Transaction(Long.parseLong(xid), true));
        assertThat(count(deleted)).isEqualTo("0");
        RecoveryServer immediate = source.recover(backup, "immediate", new RecoveryTarget.Immediate());
        assertThat(count(immediate)).isEqualTo("1000");
    }

    @Test
    void theLatestPointIsTheEndOfTheStoredWalAndIsNeverPromotedByItself() throws Exception {
        BackupResult backup = source.backup();
        source.cluster().execute("insert into t select generate_series(1001, 1500)");
        source.settle();
        RecoveryServer copy = source.recover(backup, "copy", new RecoveryTarget.Latest());
        assertThat(count(copy)).isEqualTo("1500");
        assertThat(copy.status().phase()).isEqualTo(RecoveryStatus.Phase.PAUSED);
        copy.promote(BackedUpCluster.LIMIT);
        assertThat(BackedUpCluster.value(copy, "select pg_walfile_name(pg_current_wal_lsn())"))
                .startsWith("00000002");
        assertThat(BackedUpCluster.value(copy, "insert into t values (9999) returning n"))
                .isEqualTo("9999");
        assertThat(source.cluster().value("select count(*) from t")).isEqualTo("1500");
    }

    @Test
    void whatCameToTheStoreAfterTheCopyHadCaughtUpBelongsToTheLatestPointToo() throws Exception {
        BackupResult backup = source.backup();
        source.settle();
        RecoveryServer copy = source.prepare(backup, "copy", new RecoveryTarget.Latest());
        copy.start();
        // It waits for more, in a segment that it has been given already.
        org.awaitility.Awaitility.await()
                .atMost(BackedUpCluster.LIMIT)
                .ignoreExceptions()
                .until(() -> "RecoveryRetrieveRetryInterval"
                        .equals(BackedUpCluster.value(
                                copy, "select wait_event from pg_stat_activity where backend_type = 'startup'")));
        source.cluster().execute("insert into t values (1001)");
        source.settle();
        copy.awaitTarget(BackedUpCluster.LIMIT, Progress.NONE);
        assertThat(count(copy)).isEqualTo("1001");
    }

    @Test
    @DisplayName(
            "A target before the end of the backup is refused, an unreachable one names the last point (PostgreSQL recovery 4)")
    void aTargetThatCannotBeReachedIsRefusedBeforeAnythingIsTouched() throws Exception {
        Instant tooEarly = Clock.systemUTC().instant();
        Lsn low = source.cluster().flushed();
        BackupResult backup = source.backup();
        Lsn end = source.settle();
        Instant now = Clock.systemUTC().instant();
        var archive = source.archive();
        assertThat(code(() ->
                        TargetCheck.check(new RecoveryTarget.Time(tooEarly, true), 1, backup.summary(), archive, now)))
                .isEqualTo("TARGET_BEFORE_BACKUP");
        assertThat(code(() ->
                        TargetCheck.check(new RecoveryTarget.Position(low, true), 1, backup.summary(), archive, now)))
                .isEqualTo("TARGET_BEFORE_BACKUP");
        assertThat(code(() -> TargetCheck.check(
                        new RecoveryTarget.Time(now.plusSeconds(60), true), 1, backup.summary(), archive, now)))
                .isEqualTo("TARGET_IN_FUTURE");
        assertThat(code(() -> TargetCheck.check(new RecoveryTarget.Latest(), 2, backup.summary(), archive, now)))
                .isEqualTo("HISTORY_MISSING");
        assertThatThrownBy(() -> TargetCheck.check(
                        new RecoveryTarget.Position(end.plus(1 << 20), true), 1, backup.summary(), archive, now))
                .isInstanceOfSatisfying(PostgresException.class, e -> {
                    assertThat(e.code()).isEqualTo("TARGET_UNREACHABLE");
                    assertThat(e.getMessage())
                            .contains(archive.end(1).orElseThrow().toString());
                });
    }

    @Test
    void aTargetThatReplayDoesNotMeetFailsWithTheLastPointThatCanBeReached() throws Exception {
        BackupResult backup = source.backup();
        source.cluster().execute("insert into t values (1001)");
        source.settle();
        RecoveryServer copy = source.prepare(backup, "copy", new RecoveryTarget.Named("never made"));
        copy.start();
        assertThatThrownBy(() -> copy.awaitTarget(BackedUpCluster.LIMIT, Progress.NONE))
                .isInstanceOfSatisfying(PostgresException.class, e -> {
                    assertThat(e.code()).isEqualTo("TARGET_UNREACHABLE");
                    assertThat(e.getMessage()).contains("the last transaction at 20");
                });
    }

    @Test
    @DisplayName(
            "A copy cannot harm the live system, whatever signals the backup had (Failover 14, PostgreSQL recovery 6)")
    void theCopyIsConfiguredSoThatItCanDoNoHarm() throws Exception {
        source.cluster()
                .execute(
                        "alter system set archive_mode = 'on'",
                        "alter system set archive_command = 'touch " + folder + "/harm'",
                        "alter system set max_connections = 150",
                        "alter system set shared_preload_libraries = 'pg_stat_statements'");
        Files.writeString(source.cluster().data().resolve("standby.signal.left"), "");
        source.cluster().server().stop(BackedUpCluster.LIMIT);
        source.cluster().server().start(BackedUpCluster.LIMIT);
        BackupResult backup = source.backup();
        source.settle();
        RecoveryServer copy = source.prepare(backup, "copy", new RecoveryTarget.Immediate());
        // Both signals at once: the copy has only the one that was meant.
        assertThat(copy.dataDirectory().resolve("standby.signal")).doesNotExist();
        assertThat(copy.dataDirectory().resolve("recovery.signal")).exists();
        copy.start();
        copy.awaitTarget(BackedUpCluster.LIMIT, Progress.NONE);
        assertThat(BackedUpCluster.value(copy, "show archive_mode")).isEqualTo("off");
        assertThat(BackedUpCluster.value(copy, "show archive_command")).isEqualTo("(disabled)");
        assertThat(BackedUpCluster.value(copy, "show shared_preload_libraries")).isEmpty();
        assertThat(BackedUpCluster.value(copy, "show max_logical_replication_workers"))
                .isEqualTo("0");
        assertThat(BackedUpCluster.value(copy, "show listen_addresses")).isEqualTo("127.0.0.1");
        assertThat(BackedUpCluster.value(copy, "show max_connections")).isEqualTo("150");
        assertThat(BackedUpCluster.value(copy, "show primary_conninfo")).isEmpty();
    }

    @Test
    @DisplayName("Inclusive and exclusive targets differ by the transaction at them (PostgreSQL recovery 4)")
    void aCommitExactlyAtTheTargetIsThereWhenInclusiveAndNotWhenExclusive() throws Exception {
        BackupResult backup = source.backup();
        source.cluster().execute("insert into t values (1001)", "insert into t values (1002)");
        source.settle();
        List<CommittedTransaction> commits = new ArrayList<>();
        TransactionScan.run(
                new WalReader(
                        source.archive().read(1, backup.summary().start()),
                        backup.summary().start()),
                transaction -> {
                    if (transaction.rows().values().stream().anyMatch(rows -> rows.inserted() == 1)) {
                        commits.add(transaction);
                    }
                    return true;
                });
        CommittedTransaction last = commits.get(commits.size() - 1);
        Map<RecoveryTarget, String> rows = Map.of(
                new RecoveryTarget.Position(last.commitStart(), true), "1002",
                new RecoveryTarget.Position(last.commitStart(), false), "1001",
                new RecoveryTarget.Time(last.commitTime(), false), "1001");
        int number = 0;
        for (Map.Entry<RecoveryTarget, String> each : rows.entrySet()) {
            RecoveryServer copy = source.recover(backup, "copy" + number++, each.getKey());
            assertThat(count(copy)).as(each.getKey().describe()).isEqualTo(each.getValue());
        }
    }

    @Test
    @DisplayName("A backup's timeline must be an ancestor of the target's (PostgreSQL recovery 3)")
    void aBackupThatIsNotInThePastOfTheTimelineIsRefused() throws Exception {
        BackupResult backup = source.backup();
        source.settle();
        var archive = source.archive();
        Instant now = Clock.systemUTC().instant();
        String parted = "1\t" + backup.summary().start() + "\tpromoted\n";
        archive.storeHistory(2, parted.getBytes(StandardCharsets.UTF_8));
        archive.storeHistory(4, "3\t0/1000\tof another cluster\n".getBytes(StandardCharsets.UTF_8));
        for (int timeline : new int[] {2, 4}) {
            assertThat(code(() ->
                            TargetCheck.check(new RecoveryTarget.Latest(), timeline, backup.summary(), archive, now)))
                    .isEqualTo("TIMELINE_NOT_REACHABLE");
        }
    }

    @Test
    @DisplayName("hot_standby off on the source does not turn a pause into an end (PostgreSQL recovery 6)")
    void aSourceWithoutHotStandbyIsRecoveredToAPauseAllTheSame() throws Exception {
        source.cluster().execute("alter system set hot_standby = off");
        BackupResult backup = source.backup();
        source.settle();
        RecoveryServer copy = source.recover(backup, "copy", new RecoveryTarget.Immediate());
        assertThat(copy.status().phase()).isEqualTo(RecoveryStatus.Phase.PAUSED);
        assertThat(count(copy)).isEqualTo("1000");
    }

    @Test
    void settingsRaisedOnTheSourceAfterTheBackupDoNotStopReplay() throws Exception {
        BackupResult backup = source.backup();
        source.cluster().execute("alter system set max_connections = 230", "alter system set max_wal_senders = 20");
        source.cluster().server().stop(BackedUpCluster.LIMIT);
        source.cluster().server().start(BackedUpCluster.LIMIT);
        source.cluster().execute("insert into t values (1001)");
        source.settle();
        RecoveryServer copy = source.recover(backup, "copy", new RecoveryTarget.Latest());
        assertThat(count(copy)).isEqualTo("1001");
        assertThat(BackedUpCluster.value(copy, "show max_connections")).isEqualTo("230");
    }

    @Test
    @DisplayName("A CREATE TABLESPACE in the WAL is refused on a copy (Failover 14)")
    void aTablespaceCreatedAfterTheBackupStopsReplayInsteadOfWritingOverTheSource() throws Exception {
        BackupResult backup = source.backup();
        Path tablespace = Files.createDirectories(folder.resolve("tablespace"));
        TestCluster.installation().own(tablespace);
        source.cluster().execute("create tablespace elsewhere location '" + tablespace + "'");
        source.cluster().execute("create table far (n int) tablespace elsewhere", "insert into far values (7)");
        source.settle();
        RecoveryServer copy = source.prepare(backup, "copy", new RecoveryTarget.Latest());
        copy.start();
        assertThatThrownBy(() -> copy.awaitTarget(BackedUpCluster.LIMIT, Progress.NONE))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("TABLESPACE_IN_WAL"));
        assertThat(source.cluster().value("select n from far")).isEqualTo("7");
    }

    @Test
    void aCopyIsAdoptedByAnotherJvmInTheMiddleOfReplay() throws Exception {
        BackupResult backup = source.backup();
        for (int i = 0; i < 5; i++) {
            source.cluster()
                    .execute("create table f" + i + " as select repeat('x', 900) from generate_series(1, 3000)");
        }
        source.settle();
        // A name that PostgreSQL's configuration and a shell could both stumble over.
        String odd = "it's a copy of 100%f";
        RecoveryServer first = source.prepare(backup, odd, new RecoveryTarget.Latest());
        first.start();
        // As after a kill: nobody brings WAL any more, the server lives on and waits.
        first.close();
        try (RecoveryServer second =
                new RecoveryServer(TestCluster.installation(), folder.resolve(odd), source.archive())) {
            second.start();
            second.awaitTarget(BackedUpCluster.LIMIT, Progress.NONE);
            assertThat(BackedUpCluster.value(second, "select count(*) from f4")).isEqualTo("3000");
            assertThat(second.server().processId()).isEqualTo(first.server().processId());
        }
    }

    @Test
    void aFolderThatIsNotACopyIsNeverRemoved() throws Exception {
        Path precious = Files.createDirectories(folder.resolve("precious/data"));
        Files.writeString(precious.resolve("PG_VERSION"), "18\n");
        RecoveryServer server =
                new RecoveryServer(TestCluster.installation(), folder.resolve("precious"), source.archive());
        assertThat(code(server::destroy)).isEqualTo("NOT_A_COPY");
        assertThat(precious.resolve("PG_VERSION")).exists();
    }
}
