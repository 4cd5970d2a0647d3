package dev.muster.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.Progress;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.replication.ServerAddress;
import dev.muster.postgres.restore.InPlaceRecovery;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.restore.RecoveryTarget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each member's host worker receives from its own member: a primary and its standby fill one archive at once. */
class ReceiversOfAllMembersTest {
    @TempDir
    Path folder;

    private BackedUpCluster source;
    private TestCluster standby;
    private BackupResult base;

    @BeforeEach
    void start() throws Exception {
        source = BackedUpCluster.start(folder);
        source.cluster()
                .execute(
                        "create table t as select g as n from generate_series(1, 1000) g",
                        "select pg_create_physical_replication_slot('standby', true)");
        base = source.backup();
        source.restore(base, folder.resolve("standby")).run(Progress.NONE);
        Path data = RecoveryServer.dataDirectory(folder.resolve("standby"));
        int port = TestCluster.freePort();
        Path settings = data.resolve("postgresql.auto.conf");
        Files.writeString(
                settings,
                Files.readString(settings).replace("port = " + source.cluster().port(), "port = " + port));
        InPlaceRecovery.configure(
                data,
                new InPlaceRecovery.Purpose.Follow(
                        "host=127.0.0.1 port=" + source.cluster().port() + " user=postgres", Optional.of("standby")),
                Optional.empty());
        TestCluster.installation().own(folder.resolve("standby"));
        standby = TestCluster.adopt(data, folder.resolve("standby/log"), port);
    }

    @AfterEach
    void stop() {
        standby.close();
        source.close();
    }

    private WalReceiver receiverOfStandby() {
        WalReceiver receiver = new WalReceiver(
                ServerAddress.trusted("127.0.0.1", standby.port(), "postgres"),
                source.repository(),
                BackedUpCluster.SOURCE,
                new WalReceiver.Settings(
                        "muster", Duration.ofMillis(70), 8 << 20, Duration.ofMillis(50), Duration.ofSeconds(1), false),
                Clock.systemUTC());
        receiver.start();
        return receiver;
    }

    @Test
    @DisplayName(
            "Two members that are received from at once leave an archive without a gap, across the promotion of one")
    void theArchiveOfTwoReceiversLeadsAcrossThePromotion() throws Exception {
        try (WalReceiver second = receiverOfStandby()) {
            await().atMost(BackedUpCluster.LIMIT).until(() -> second.status().state() == WalReceiver.State.STREAMING);
            // Some ten segments, in pieces, so that both write parts of the same segments.
            for (int i = 0; i < 15; i++) {
                source.cluster()
                        .execute(
                                "insert into t select generate_series(1, 1000)",
                                "create table t" + i + " as select repeat('x', 900) from generate_series(1, 600)");
            }
            Lsn before = source.settle();
            assertThat(second.awaitDurable(before, BackedUpCluster.LIMIT)).isTrue();

            source.receiver().close();
            source.cluster().server().stopImmediately(BackedUpCluster.LIMIT);
            standby.execute("select pg_promote(true, 60)");
            standby.execute("insert into t select generate_series(1, 5000)");
            Lsn after = Lsn.parse(standby.value("select pg_current_wal_flush_lsn()"));
            assertThat(second.awaitDurable(after, BackedUpCluster.LIMIT)).isTrue();
            assertThat(second.status().timeline()).isEqualTo(2);
        }
        RecoveryServer copy = source.recover(base, "copy", new RecoveryTarget.Latest(), 2);
        assertThat(BackedUpCluster.value(copy, "select count(*) from t")).isEqualTo("21000");
    }
}
