package dev.muster.postgres.fence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.TestCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFenceTest {
    private static final FenceOrder ORDER = new FenceOrder(7, "run-7", "drill", "ada");
    private static final StopBounds BOUNDS =
            new StopBounds(Duration.ofSeconds(10), Duration.ofSeconds(3), Duration.ofSeconds(5));

    @TempDir
    Path folder;

    private FencedCluster cluster;

    @BeforeEach
    void cluster() throws IOException {
        cluster = new FencedCluster(folder, false);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    @DisplayName(
            "A fence stops PostgreSQL, proves it down, and does the same again when it is repeated; a zombie's is refused")
    void stopsAndProves() throws IOException {
        cluster.startAndAwait();

        FencedServer first = cluster.fence().fence(ORDER, BOUNDS);

        assertThat(first.step()).isEqualTo(StopStep.FAST);
        assertThat(first.proof()).isEqualTo(new DownProof(true, true, true, List.of()));
        assertThat(cluster.fence().fence(ORDER, BOUNDS).step()).isEqualTo(StopStep.NOT_RUNNING);
        assertRefused("FENCE_EPOCH_OLD", new FenceOrder(6, "run-6", "zombie", "ada"));
        assertRefused("FENCE_EPOCH_TAKEN", new FenceOrder(7, "run-9", "zombie", "ada"));
        assertThatThrownBy(() -> cluster.fence().lift(new FenceLift(6, "run-6", "ada")))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("FENCE_EPOCH_OLD"));
        assertThat(cluster.fence().state().fenced()).isTrue();
    }

    @Test
    @DisplayName("A zombie cannot act: a fence of an epoch that was lifted stops nobody")
    void lateFenceIsRefused() throws IOException {
        cluster.fence().fence(ORDER, BOUNDS);
        cluster.fence().lift(new FenceLift(7, "run-7", "grace"));
        cluster.startAndAwait();

        assertRefused("FENCE_LIFTED", ORDER);

        assertThat(cluster.server().runs()).isTrue();
    }

    @Test
    @DisplayName("A PostgreSQL that does not react is killed with all of its backends, and none commits afterwards")
    void killsWhatHangs() throws Exception {
        cluster.startAndAwait();
        try (var connection = cluster.connect();
                var statement = connection.createStatement()) {
            statement.execute("create table t (n int)");
            long postmaster = Long.parseLong(
                    Files.readAllLines(cluster.data().resolve("postmaster.pid")).get(0));
            Processes.signal("STOP", List.of(postmaster));

            FencedServer fenced = cluster.fence()
                    .fence(ORDER, new StopBounds(Duration.ofMillis(300), Duration.ofMillis(300), BOUNDS.kill()));

            assertThat(fenced.step()).isEqualTo(StopStep.KILLED);
            assertThat(fenced.proof().proved()).isTrue();
            assertThatThrownBy(() -> statement.execute("insert into t values (1)"))
                    .isInstanceOf(java.sql.SQLException.class);
        }
    }

    @Test
    @DisplayName("A start that was allowed just before the fence was set does not survive it")
    void startUnderWayIsWaitedFor() throws IOException, InterruptedException {
        Path reached = folder.resolve("reached");
        Process starting = new ProcessBuilder(
                        cluster.folder().starter().toString(),
                        "/bin/sh",
                        "-c",
                        "touch " + reached + "; sleep 1; exec \"$@\"",
                        "sh",
                        TestCluster.installation()
                                .home()
                                .resolve("bin/postgres")
                                .toString(),
                        "--describe-config")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Awaitility.await().until(() -> Files.exists(reached));
        assertThat(cluster.server().runs()).isFalse();
        assertThat(cluster.server().proof().noStarter()).isFalse();

        FencedServer fenced = cluster.fence().fence(ORDER, BOUNDS);

        assertThat(fenced.step()).isNotEqualTo(StopStep.NOT_RUNNING);
        assertThat(starting.isAlive()).isFalse();
        assertThat(cluster.refused()).isEqualTo(90);
    }

    @Test
    @DisplayName("A fence whose server is not proved down is set all the same, and says so as unknown, never as down")
    void unprovedIsNoSuccess() throws IOException {
        try (ServerSocket stranger = new ServerSocket(cluster.port(), 1, InetAddress.getLoopbackAddress())) {
            assertThat(stranger.isBound()).isTrue();
            assertRefused("FENCE_NOT_PROVED", ORDER);
        }
        assertThat(cluster.fence().state().fenced()).isTrue();
        assertThat(cluster.fence().fence(ORDER, BOUNDS).proof().proved()).isTrue();
    }

    @Test
    @DisplayName("A fence that cannot see into the container that PostgreSQL was started in proves nothing")
    void anotherNamespaceIsNoProof() throws IOException {
        Files.writeString(cluster.folder().path().resolve("started"), BootClock.boot() + " pid:[4026530000]\n");
        assertRefused("FENCE_NOT_PROVED", ORDER);

        // Whatever ran before the machine was started again is gone.
        Files.writeString(cluster.folder().path().resolve("started"), "earlier-boot pid:[4026530000]\n");
        assertThat(cluster.fence().fence(ORDER, BOUNDS).proof().proved()).isTrue();
    }

    @Test
    @DisplayName("A fenced PostgreSQL that somebody starts by hand is stopped, and a standby promoted by hand is seen")
    void keeperStopsAndSees() throws Exception {
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        Files.createFile(cluster.data().resolve("standby.signal"));
        cluster.startAndAwait();
        try (FenceKeeper keeper = keeper(told)) {
            keeper.start();
            TestCluster.installation()
                    .run(
                            Duration.ofSeconds(30),
                            "pg_ctl",
                            "promote",
                            "-w",
                            "-D",
                            cluster.data().toString());
            assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("promoted from timeline 1 to 2");

            cluster.fence().fence(ORDER, BOUNDS);
            try {
                cluster.startByHand();
            } catch (PostgresException stoppedAtOnce) {
                // The keeper was faster than pg_ctl's wait.
            }
            assertThat(told.poll(20, TimeUnit.SECONDS)).startsWith("stopped");
            // pg_ctl may have brought it up in several steps, each of them stopped.
            Awaitility.await().until(() -> cluster.server().proof().proved());
        }
    }

    private FenceKeeper keeper(BlockingQueue<String> told) {
        FenceListener listener = new FenceListener() {
            @Override
            public void stoppedPastStarter(FencedServer server) {
                told.add("stopped " + server.step());
            }

            @Override
            public void promoted(ServerObservation before, ServerObservation now) {
                told.add("promoted from timeline " + before.timeline() + " to " + now.timeline());
            }

            @Override
            public void trouble(RuntimeException trouble) {
                told.add("trouble " + trouble);
            }
        };
        return new FenceKeeper(cluster.folder(), cluster.server(), cluster.fence(), listener, Duration.ofMillis(50));
    }

    private void assertRefused(String code, FenceOrder order) {
        assertThatThrownBy(() -> cluster.fence().fence(order, BOUNDS))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
