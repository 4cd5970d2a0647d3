package dev.muster.postgres.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.fence.BootClock;
import dev.muster.postgres.fence.FencedCluster;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LostLeaseTest {
    private static final Duration TTL = Duration.ofSeconds(3);
    private static final String KEY = "/muster/orders/main";

    @TempDir
    Path folder;

    private ThreeVoters etcd;
    private FencedCluster cluster;
    private Process keeper;
    private Writer writer;
    private final List<Forwarder> forwarders = new ArrayList<>();

    @BeforeEach
    void primary() throws Exception {
        ThreeVoters.require();
        etcd = new ThreeVoters(folder);
        List<URI> endpoints = new ArrayList<>();
        for (URI endpoint : etcd.endpoints()) {
            Forwarder forwarder = new Forwarder(endpoint.getPort());
            forwarders.add(forwarder);
            endpoints.add(URI.create("http://127.0.0.1:" + forwarder.port()));
        }
        cluster = new FencedCluster(folder, true);
        keeper = KeeperProcess.start(cluster.folder(), cluster.server(), cluster.port(), KEY, TTL, endpoints);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> cluster.folder().leaseProof().toFile().exists());
        cluster.startAndAwait();
        writer = new Writer(cluster);
        // Beyond one ttl: what follows is due to renewals.
        long begin = System.nanoTime();
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> System.nanoTime() - begin > TTL.toNanos() + 1_000_000_000L && writer.acknowledged() > 10);
        assertThat(cluster.server().guarded()).isTrue();
    }

    @AfterEach
    void stop() throws IOException {
        if (writer != null) {
            writer.close();
        }
        if (keeper != null) {
            keeper.destroyForcibly();
        }
        if (cluster != null) {
            cluster.close();
        }
        for (Forwarder forwarder : forwarders) {
            forwarder.close();
        }
        if (etcd != null) {
            etcd.close();
        }
    }

    @Test
    @DisplayName("A primary whose keeper was killed is stopped by its guard before the lease can pass on")
    void keeperKilled() throws Exception {
        keeper.destroyForcibly().waitFor();
        assertStopsBeforeAnotherAcquires();
    }

    @Test
    @Thorough
    @DisplayName("A primary whose keeper is frozen is stopped by its guard before the lease can pass on")
    void keeperFrozen() throws Exception {
        new ProcessBuilder("kill", "-STOP", Long.toString(keeper.pid())).start().waitFor();
        assertStopsBeforeAnotherAcquires();
    }

    @Test
    @Thorough
    @DisplayName("An isolated primary with the lease on fences itself before the lease can pass on")
    void isolated() throws Exception {
        forwarders.forEach(Forwarder::cut);
        assertStopsBeforeAnotherAcquires();
    }

    @Test
    @Thorough
    @DisplayName(
            "A primary that is not heard by etcd's answers, only by its requests, stops before the lease can pass on")
    void answersLost() throws Exception {
        forwarders.forEach(Forwarder::loseAnswers);
        assertStopsBeforeAnotherAcquires();
    }

    @Test
    @Thorough
    @DisplayName(
            "An isolated primary that does not react to an immediate shutdown is killed before the lease can pass on")
    void isolatedAndHanging() throws Exception {
        forwarders.forEach(Forwarder::cut);
        long postmaster =
                Long.parseLong(java.nio.file.Files.readAllLines(cluster.data().resolve("postmaster.pid"))
                        .get(0));
        new ProcessBuilder("kill", "-STOP", Long.toString(postmaster)).start().waitFor();
        assertStopsBeforeAnotherAcquires();
    }

    @Test
    @Thorough
    @DisplayName(
            "An isolated primary that was started past the starter is stopped by its keeper before the lease can pass on")
    void isolatedWithoutGuard() throws Exception {
        cluster.close();
        cluster.startByHand();
        assertThat(cluster.server().guarded()).isFalse();
        long before = writer.acknowledged();
        Awaitility.await().until(() -> writer.acknowledged() > before);
        forwarders.forEach(Forwarder::cut);
        assertStopsBeforeAnotherAcquires();
    }

    @Test
    @Thorough
    @DisplayName(
            "When etcd loses its majority, the primary that needs the lease stops itself: the price that is documented")
    void majorityLost() throws Exception {
        etcd.signal("STOP", 2);
        Awaitility.await().atMost(TTL).until(() -> !cluster.server().runs());
        etcd.signal("CONT", 3);
        assertThat(cluster.refused()).isEqualTo(92);
    }

    /** The second member asks all the time, from the side that etcd is on. */
    private void assertStopsBeforeAnotherAcquires() throws InterruptedException {
        EtcdLease other =
                new EtcdLease(etcd.settings(), KEY, new LeaseHolder("orders/db2", 8), TTL, BootClock.ofThisMachine());
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            long asked = System.nanoTime();
            assertThat(asked).as("the lease passes on in the end").isLessThan(end);
            try {
                other.acquire();
                long acquired = System.nanoTime();
                assertThat(cluster.server().runs())
                        .as("the old primary when the lease passed on")
                        .isFalse();
                assertThat(writer.last()).as("the last acknowledged write").isLessThan(asked);
                assertThat(writer.acknowledged()).isGreaterThan(10);
                System.out.printf(
                        "Lease passed on %d ms after the last acknowledged write%n",
                        (acquired - writer.last()) / 1_000_000);
                return;
            } catch (PostgresException held) {
                assertThat(held.code()).isIn("LEASE_HELD", "ETCD_UNREACHABLE");
                Thread.sleep(20);
            }
        }
    }
}
