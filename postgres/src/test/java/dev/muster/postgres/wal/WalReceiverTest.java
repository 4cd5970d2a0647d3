package dev.muster.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.replication.ReplicationConnection;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalReceiverTest {
    private static final int MEGABYTE = 1 << 20;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private TestCluster cluster;
    private StoreWal store;

    @BeforeEach
    void start() throws Exception {
        cluster = TestCluster.start(folder, 1, "autovacuum = off", "max_wal_size = '8MB'", "min_wal_size = '2MB'");
        Files.createDirectories(folder.resolve("store"));
        store = new StoreWal(
                Stores.open(folder.resolve("store").toUri().toString().replaceAll("/$", "")));
        cluster.execute("create table t (n int, filler text)");
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private WalReceiver receiver() {
        return receiver(WalReceiver.Settings.defaults("muster"));
    }

    private WalReceiver receiver(WalReceiver.Settings settings) {
        return receiver(cluster, settings);
    }

    private WalReceiver receiver(TestCluster server, WalReceiver.Settings settings) {
        WalReceiver receiver = new WalReceiver(
                server.address(),
                (systemId, segmentSize) -> new WalArchive(store, "orders-main", systemId, segmentSize),
                settings,
                Clock.systemUTC());
        receiver.start();
        return receiver;
    }

    private WalArchive archive() throws SQLException {
        return new WalArchive(
                store, "orders-main", cluster.value("select system_identifier from pg_control_system()"), MEGABYTE);
    }

    private void write(int megabytes) throws SQLException {
        cluster.execute("insert into t select g, repeat('x', 900) from generate_series(1, " + megabytes * 1000 + ") g");
    }

    private static void assertSameAsServer(TestCluster server, WalArchive archive, int timeline, Lsn from, Lsn to)
            throws IOException {
        byte[] stored = new byte[Math.toIntExact(to.minus(from))];
        WalBytes bytes = archive.read(timeline, from);
        assertThat(bytes.read(from, stored, 0, stored.length)).isEqualTo(stored.length);
        for (Lsn at = from; at.isBefore(to); at = at.plus(MEGABYTE)) {
            Path file = server.data()
                    .resolve("pg_wal")
                    .resolve(SegmentName.of(timeline, at, MEGABYTE).toString());
            if (Files.exists(file)) {
                int length = (int) Math.min(MEGABYTE, to.minus(at));
                int offset = Math.toIntExact(at.minus(from));
                assertThat(Files.readAllBytes(file))
                        .startsWith(java.util.Arrays.copyOfRange(stored, offset, offset + length));
            }
        }
    }

    @Test
    void theStoreHoldsTheServersWalByteForByteAcrossSegments() throws Exception {
        try (WalReceiver receiver = receiver()) {
            write(3);
            Lsn end = cluster.flushed();
            assertThat(receiver.awaitDurable(end, LIMIT)).isTrue();
            assertThat(receiver.status().state()).isEqualTo(WalReceiver.State.STREAMING);
            List<WalRange> ranges = archive().ranges();
            assertThat(ranges).hasSize(1);
            assertThat(ranges.get(0).to()).isGreaterThanOrEqualTo(end);
            assertSameAsServer(cluster, archive(), 1, ranges.get(0).from(), end);
        }
    }

    @Test
    void aCommitInAnOpenSegmentIsDurableInTheStoreWithinASecond() throws Exception {
        try (WalReceiver receiver = receiver()) {
            assertThat(receiver.awaitDurable(cluster.flushed(), LIMIT)).isTrue();
            for (int i = 0; i < 5; i++) {
                cluster.execute("insert into t values (1, 'small')");
                Lsn commit = cluster.flushed();
                assertThat(receiver.awaitDurable(commit, Duration.ofSeconds(1))).isTrue();
                assertThat(archive().end(1).orElseThrow()).isGreaterThanOrEqualTo(commit);
            }
        }
    }

    @Test
    void theSlotLetsGoOnlyOfWhatIsDurableInTheStore() throws Exception {
        try (WalReceiver receiver = receiver()) {
            assertThat(receiver.awaitDurable(cluster.flushed(), LIMIT)).isTrue();
            store.down(true);
            write(2);
            await().atMost(LIMIT).until(() -> receiver.status().state() == WalReceiver.State.RETRYING);
            Lsn slot = Lsn.parse(cluster.value("select restart_lsn from pg_replication_slots"));
            assertThat(slot).isLessThanOrEqualTo(receiver.status().durable());
            assertThat(receiver.status().lastError().orElseThrow().code()).isEqualTo("STORE_UNREACHABLE");
            write(10);
            cluster.execute("checkpoint");
            store.down(false);
            Lsn end = cluster.flushed();
            assertThat(receiver.awaitDurable(end, LIMIT)).isTrue();
            assertThat(archive().ranges()).hasSize(1);
            await().atMost(LIMIT)
                    .until(() -> Lsn.parse(cluster.value("select restart_lsn from pg_replication_slots"))
                                    .compareTo(end)
                            >= 0);
        }
    }

    @Test
    void aReceiverKilledAnywhereLeavesNoGapAndNothingTwice() throws Exception {
        Random random = new Random(18);
        try (WalReceiver first = receiver()) {
            assertThat(first.awaitDurable(cluster.flushed(), LIMIT)).isTrue();
        }
        Lsn from = archive().ranges().get(0).from();
        try (Connection connection = cluster.connect();
                Statement writer = connection.createStatement()) {
            for (int round = 0; round < 12; round++) {
                switch (round % 3) {
                    case 0 -> store.failBefore(1 + random.nextInt(4));
                    case 1 -> store.failAfter(1 + random.nextInt(4));
                    default -> {}
                }
                WalReceiver receiver = receiver();
                Lsn before = receiver.status().received();
                for (int i = 0; i < 1 + random.nextInt(4); i++) {
                    writer.execute("insert into t select g, repeat('y', 900) from generate_series(1, "
                            + (200 + random.nextInt(1000)) + ") g");
                }
                await().atMost(LIMIT).until(() -> receiver.status().received().isAfter(before));
                receiver.abort();
            }
        }
        store.failBefore(0);
        store.failAfter(0);
        try (WalReceiver last = receiver()) {
            Lsn end = cluster.flushed();
            assertThat(last.awaitDurable(end, LIMIT)).isTrue();
            assertThat(archive().ranges()).hasSize(1);
            assertSameAsServer(cluster, archive(), 1, from, end);
        }
    }

    @Test
    void walThatTheServerHasRemovedIsSaidAndNotSkipped() throws Exception {
        try (WalReceiver first = receiver()) {
            assertThat(first.awaitDurable(cluster.flushed(), LIMIT)).isTrue();
        }
        Lsn end = archive().end(1).orElseThrow();
        // The server needs a moment to see that the receiver is gone.
        await().atMost(LIMIT)
                .until(() ->
                        cluster.value("select active from pg_replication_slots").equals("f"));
        cluster.execute("select pg_drop_replication_slot('muster')");
        for (int i = 0; i < 4; i++) {
            write(8);
            cluster.execute("checkpoint", "select pg_switch_wal()");
        }
        try (WalReceiver second = receiver()) {
            await().atMost(LIMIT).until(() -> second.status().state() == WalReceiver.State.BROKEN);
            assertThat(second.status().lastError().orElseThrow().code()).isEqualTo("SLOT_LOST");
        }
        assertThat(archive().end(1)).contains(end);
        WalReceiver.Settings accepting = new WalReceiver.Settings(
                "muster", Duration.ofMillis(100), MEGABYTE, Duration.ofMillis(50), Duration.ofSeconds(1), true);
        try (WalReceiver third = receiver(accepting)) {
            await().atMost(LIMIT).until(() -> third.status().state() == WalReceiver.State.STREAMING);
            write(1);
            assertThat(third.awaitDurable(cluster.flushed(), LIMIT)).isTrue();
        }
        assertThat(archive().ranges()).hasSize(2);
    }

    @Test
    void aSlotThatKeepsWhatTheServerHasRemovedDoesNotHoldUpAReceiverThatAcceptsGaps() throws Exception {
        try (WalReceiver first = receiver()) {
            assertThat(first.awaitDurable(cluster.flushed(), LIMIT)).isTrue();
        }
        Lsn end = archive().end(1).orElseThrow();
        await().atMost(LIMIT)
                .until(() ->
                        cluster.value("select active from pg_replication_slots").equals("f"));
        cluster.execute("select pg_drop_replication_slot('muster')");
        for (int i = 0; i < 4; i++) {
            write(8);
            cluster.execute("checkpoint", "select pg_switch_wal()");
        }
        cluster.execute("select pg_create_physical_replication_slot('muster', true)");
        // What a receiver that began where the store ends had confirmed before the server removed the rest.
        try (ReplicationConnection killed =
                ReplicationConnection.open(cluster.address(), "killed", Clock.systemUTC())) {
            killed.startReplication("muster", cluster.flushed().segmentStart(MEGABYTE), 1)
                    .confirm(end, end, false);
        }
        await().atMost(LIMIT)
                .until(() -> cluster.value(
                                "select restart_lsn = '" + end + "' and not active from pg_replication_slots")
                        .equals("t"));
        WalReceiver.Settings accepting = new WalReceiver.Settings(
                "muster", Duration.ofMillis(100), MEGABYTE, Duration.ofMillis(50), Duration.ofSeconds(1), true);
        try (WalReceiver next = receiver(accepting)) {
            await().atMost(LIMIT).until(() -> next.status().state() == WalReceiver.State.STREAMING);
            write(1);
            assertThat(next.awaitDurable(cluster.flushed(), LIMIT)).isTrue();
        }
        assertThat(archive().ranges()).hasSize(2);
    }

    @Test
    void aSecondReceiverOfOneSlotIsToldSo() throws Exception {
        try (WalReceiver first = receiver()) {
            assertThat(first.awaitDurable(cluster.flushed(), LIMIT)).isTrue();
            try (WalReceiver second = receiver()) {
                await().atMost(LIMIT).until(() -> second.status().lastError().isPresent());
                assertThat(second.status().lastError().orElseThrow().code()).isEqualTo("SLOT_IN_USE");
            }
        }
    }

    @Test
    void aSlotThatTheServerInvalidatedIsSaid() throws Exception {
        cluster.execute("alter system set max_slot_wal_keep_size = '2MB'", "select pg_reload_conf()");
        try (WalReceiver first = receiver()) {
            assertThat(first.awaitDurable(cluster.flushed(), LIMIT)).isTrue();
        }
        assertThat(pressure().level()).isEqualTo(WalPressure.Level.FINE);
        write(8);
        // Before anything is lost.
        assertThat(pressure().level()).isEqualTo(WalPressure.Level.CRITICAL);
        assertThat(pressure().why()).contains("max_slot_wal_keep_size", "start the receiver");
        for (int i = 0; i < 4; i++) {
            write(8);
            cluster.execute("checkpoint");
        }
        assertThat(cluster.value("select wal_status from pg_replication_slots")).isEqualTo("lost");
        assertThat(pressure().level()).isEqualTo(WalPressure.Level.CRITICAL);
        try (WalReceiver second = receiver()) {
            await().atMost(LIMIT).until(() -> second.status().state() == WalReceiver.State.BROKEN);
            assertThat(second.status().lastError().orElseThrow().code()).isEqualTo("SLOT_LOST");
        }
    }

    private WalPressure.Verdict pressure() throws SQLException {
        try (Connection connection = cluster.connect()) {
            return WalPressure.observe(connection, "muster", OptionalLong.empty())
                    .verdict();
        }
    }

    @Test
    void aServerThatRestartsIsFollowedAgain() throws Exception {
        try (WalReceiver receiver = receiver()) {
            assertThat(receiver.awaitDurable(cluster.flushed(), LIMIT)).isTrue();
            cluster.server().stop(LIMIT);
            await().atMost(LIMIT).until(() -> receiver.status().state() == WalReceiver.State.RETRYING);
            cluster.server().start(LIMIT);
            write(2);
            assertThat(receiver.awaitDurable(cluster.flushed(), LIMIT)).isTrue();
            assertThat(archive().ranges()).hasSize(1);
        }
    }

    @Test
    void theWalOfACloneWithTheSameSystemIdentifierIsRefused() throws Exception {
        Path clone = cloneWhatIsStored();
        write(1);
        try (WalReceiver first = receiver()) {
            assertThat(first.awaitDurable(cluster.flushed(), LIMIT)).isTrue();
        }
        Lsn end = archive().end(1).orElseThrow();
        try (TestCluster other = TestCluster.over(clone, folder.resolve("clone.log"))) {
            WalReceiver.Settings settings = WalReceiver.Settings.defaults("muster");
            try (WalReceiver behind = receiver(other, settings)) {
                await().atMost(LIMIT).until(() -> behind.status().state() == WalReceiver.State.BROKEN);
                assertThat(behind.status().lastError().orElseThrow().code()).isEqualTo("SERVER_BEHIND_STORE");
            }
            other.execute("insert into t select g, repeat('z', 900) from generate_series(1, 5000) g");
            try (WalReceiver ahead = receiver(other, settings)) {
                await().atMost(LIMIT).until(() -> ahead.status().state() == WalReceiver.State.BROKEN);
                assertThat(ahead.status().lastError().orElseThrow().code()).isEqualTo("WAL_CONFLICT");
            }
        }
        assertThat(archive().end(1)).contains(end);
    }

    @Test
    void theWalOfACloneIsRefusedAlsoWhereTheStoreEndsWithASegment() throws Exception {
        Path clone = cloneWhatIsStored();
        write(1);
        cluster.execute("select pg_switch_wal()");
        Lsn end = cluster.flushed().segmentStart(MEGABYTE);
        try (WalReceiver first = receiver()) {
            assertThat(first.awaitDurable(end, LIMIT)).isTrue();
        }
        try (TestCluster other = TestCluster.over(clone, folder.resolve("clone.log"))) {
            other.execute("insert into t select g, repeat('z', 900) from generate_series(1, 9000) g");
            try (WalReceiver ahead = receiver(other, WalReceiver.Settings.defaults("muster"))) {
                await().atMost(LIMIT).until(() -> ahead.status().state() == WalReceiver.State.BROKEN);
                assertThat(ahead.status().lastError().orElseThrow().code()).isEqualTo("WAL_CONFLICT");
            }
        }
    }

    /** A copy of the cluster as it is when all its WAL is stored; the cluster runs on. */
    private Path cloneWhatIsStored() throws Exception {
        try (WalReceiver first = receiver()) {
            assertThat(first.awaitDurable(cluster.flushed(), LIMIT)).isTrue();
        }
        cluster.server().stop(LIMIT);
        Path clone = folder.resolve("clone");
        assertThat(new ProcessBuilder("cp", "-a", cluster.data().toString(), clone.toString())
                        .start()
                        .waitFor())
                .isZero();
        cluster.server().start(LIMIT);
        return clone;
    }
}
