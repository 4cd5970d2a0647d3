package dev.muster.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.Progress;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.replication.ServerAddress;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.restore.RecoveryTarget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SAFETY "PostgreSQL recovery" 3 and 11. */
class TimelineSwitchTest {
    private static final int MEGABYTE = 1 << 20;

    @TempDir
    Path folder;

    private BackedUpCluster source;

    @BeforeEach
    void start() throws Exception {
        source = BackedUpCluster.start(folder);
    }

    @AfterEach
    void stop() {
        source.close();
    }

    private WalReceiver receiver(int port, String slot) {
        WalReceiver.Settings settings = new WalReceiver.Settings(
                slot, Duration.ofMillis(100), 8 << 20, Duration.ofMillis(50), Duration.ofSeconds(1), false);
        WalReceiver receiver = new WalReceiver(
                ServerAddress.trusted("127.0.0.1", port, "postgres"),
                source.repository(),
                BackedUpCluster.SOURCE,
                settings,
                Clock.systemUTC());
        receiver.start();
        return receiver;
    }

    @Test
    @DisplayName("A history file is archived, and recovery crosses the switch (PostgreSQL recovery 3)")
    void aPromotionUnderTheReceiverIsFollowedAndRecoveryCrossesIt() throws Exception {
        source.cluster().execute("create table t as select g as n from generate_series(1, 1000) g");
        BackupResult backup = source.backup();
        source.cluster().execute("insert into t select generate_series(1001, 2000)");
        source.settle();
        source.receiver().close();
        source.cluster().server().stop(BackedUpCluster.LIMIT);

        RecoveryServer standby = source.prepare(backup, "standby", new RecoveryTarget.Latest());
        Files.writeString(
                standby.dataDirectory().resolve("pg_hba.conf"), "host all,replication all 127.0.0.1/32 trust\n");
        standby.start();
        standby.awaitTarget(BackedUpCluster.LIMIT, Progress.NONE);
        WalArchive archive = source.archive(backup);
        try (WalReceiver receiver = receiver(standby.port(), "after")) {
            await().atMost(BackedUpCluster.LIMIT).until(() -> receiver.status().state() == WalReceiver.State.STREAMING);
            assertThat(receiver.status().timeline()).isEqualTo(1);
            standby.promote(BackedUpCluster.LIMIT);
            try (var connection = standby.dataSource("postgres").getConnection();
                    var statement = connection.createStatement()) {
                statement.execute("insert into t select generate_series(2001, 9000)");
                statement.execute("create table filler as select repeat('x', 900) from generate_series(1, 3000)");
            }
            Lsn end = Lsn.parse(BackedUpCluster.value(standby, "select pg_current_wal_flush_lsn()"));
            assertThat(receiver.awaitDurable(end, BackedUpCluster.LIMIT)).isTrue();
            assertThat(receiver.status().timeline()).isEqualTo(2);
            assertThat(archive.history(2).orElseThrow().ancestors()).hasSize(1);
            WalRange second = archive.ranges().stream()
                    .filter(range -> range.timeline() == 2)
                    .findFirst()
                    .orElseThrow();
            assertSameAsServer(standby, archive, second.from(), end);
            assertThat(archive.reach(
                            archive.history(2).orElseThrow(), backup.summary().start()))
                    .isGreaterThanOrEqualTo(end);
        }
        RecoveryServer copy = source.recover(backup, "copy", new RecoveryTarget.Latest(), 2);
        assertThat(BackedUpCluster.value(copy, "select count(*) from t")).isEqualTo("9000");
        RecoveryServer old = source.recover(backup, "old", new RecoveryTarget.Latest(), 1);
        assertThat(BackedUpCluster.value(old, "select count(*) from t")).isEqualTo("2000");

        source.cluster().server().start(BackedUpCluster.LIMIT);
        try (WalReceiver fromOldPrimary = receiver(source.cluster().port(), "muster")) {
            await().atMost(BackedUpCluster.LIMIT)
                    .until(() -> fromOldPrimary.status().state() == WalReceiver.State.BROKEN);
            assertThat(fromOldPrimary.status().lastError().orElseThrow().code()).isEqualTo("TIMELINE_BEHIND");
        }
    }

    @Test
    void whatAnOldPrimaryWritesAfterTheSwitchIsNotReplayedAlongTheNewTimeline() throws Exception {
        source.cluster().execute("create table t as select g as n from generate_series(1, 1000) g");
        BackupResult backup = source.backup();
        source.cluster().execute("insert into t select generate_series(1001, 2000)");
        source.settle();
        RecoveryServer standby = source.prepare(backup, "standby", new RecoveryTarget.Latest());
        standby.start();
        standby.awaitTarget(BackedUpCluster.LIMIT, Progress.NONE);
        standby.promote(BackedUpCluster.LIMIT);
        WalArchive archive = source.archive(backup);
        archive.storeHistory(
                2, Files.readAllBytes(standby.dataDirectory().resolve("pg_wal").resolve("00000002.history")));
        // Nobody has fenced it, and nothing of the new timeline has come to the store yet.
        source.cluster().execute("insert into t select generate_series(2001, 5000)");
        source.settle();
        RecoveryServer copy = source.recover(backup, "copy", new RecoveryTarget.Latest(), 2);
        assertThat(BackedUpCluster.value(copy, "select count(*) from t")).isEqualTo("2000");
    }

    private static void assertSameAsServer(RecoveryServer server, WalArchive archive, Lsn from, Lsn to)
            throws Exception {
        byte[] stored = new byte[Math.toIntExact(to.minus(from))];
        WalBytes bytes = archive.read(2, from);
        assertThat(bytes.read(from, stored, 0, stored.length)).isEqualTo(stored.length);
        bytes.close();
        for (Lsn at = from; at.isBefore(to); at = at.plus(MEGABYTE)) {
            byte[] file = Files.readAllBytes(server.dataDirectory()
                    .resolve("pg_wal")
                    .resolve(SegmentName.of(2, at, MEGABYTE).toString()));
            int length = (int) Math.min(MEGABYTE, to.minus(at));
            int offset = Math.toIntExact(at.minus(from));
            assertThat(Arrays.equals(file, 0, length, stored, offset, offset + length))
                    .as("segment at %s", at)
                    .isTrue();
        }
    }
}
