package dev.muster.postgres.fence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.TestCluster;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StarterTest {
    private static final FenceOrder ORDER = new FenceOrder(7, "failover/orders/1", "the site's power fails", "ada");
    private static final StopBounds BOUNDS =
            new StopBounds(Duration.ofSeconds(10), Duration.ofSeconds(3), Duration.ofSeconds(3));

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
    @DisplayName("PostgreSQL's starter refuses while fenced, also after a reboot, and says by whom and why")
    void refusesWhileFenced() throws Exception {
        cluster.fence().fence(ORDER, BOUNDS);

        assertThat(cluster.refused()).isEqualTo(90);
        // What a reboot leaves: the disk. Nothing of this process is asked.
        assertThat(cluster.refused()).isEqualTo(90);
        assertThat(cluster.log()).contains("by ada", "run failover/orders/1", "epoch 7", "the site's power fails");
        assertThat(cluster.server().runs()).isFalse();
    }

    @Test
    @DisplayName("The starter starts PostgreSQL again only after the fence was lifted")
    void startsAfterLift() throws IOException, SQLException, InterruptedException {
        cluster.startAndAwait();
        cluster.fence().fence(ORDER, BOUNDS);
        assertThat(cluster.refused()).isEqualTo(90);

        cluster.fence().lift(new FenceLift(8, "rejoin/orders/2", "grace"));

        cluster.startAndAwait();
        try (var connection = cluster.connect();
                var statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("create table t as select 1")).isEqualTo(1);
        }
    }

    @Test
    @DisplayName(
            "The starter refuses a state that is damaged at any byte, cut short, missing, or on a disk that is not there")
    void refusesWhatItCannotKnow() throws IOException, InterruptedException {
        Path state = cluster.folder().path().resolve("fence.state");
        byte[] whole = Files.readAllBytes(state);
        for (int position = 0; position < whole.length; position += 11) {
            byte[] damaged = whole.clone();
            damaged[position] ^= 1;
            Files.write(state, damaged);
            assertThat(cluster.refused()).as("byte %s", position).isEqualTo(91);
            assertThatThrownBy(() -> cluster.folder().state())
                    .isInstanceOfSatisfying(
                            PostgresException.class, e -> assertThat(e.code()).isEqualTo("FENCE_STATE_DAMAGED"));
        }
        Files.writeString(state, "");
        assertThat(cluster.refused()).isEqualTo(91);
        Files.delete(state);
        assertThat(cluster.refused()).isEqualTo(91);

        // A copy of the script on another disk is all that is left when the state's disk is not mounted.
        Path copy = Files.copy(cluster.folder().starter(), folder.resolve("start-postgres"));
        Files.move(cluster.folder().path(), folder.resolve("elsewhere"));
        Process process =
                new ProcessBuilder(copy.toString(), "true").inheritIO().start();
        assertThat(process.waitFor()).isEqualTo(91);
        assertThatThrownBy(() -> cluster.folder().state())
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("FENCE_NOT_INSTALLED"));
        Files.move(folder.resolve("elsewhere"), cluster.folder().path());
    }

    @Test
    @DisplayName(
            "Where a lease is required, the starter refuses a primary without a fresh proof, and lets a standby start")
    void refusesWithoutLease() throws IOException, InterruptedException {
        cluster.folder().install(cluster.data(), true);
        assertThat(cluster.refused()).isEqualTo(92);

        long now = BootClock.ofThisMachine().millis();
        Path proof = cluster.folder().leaseProof();
        new LeaseProof(now - 20_000, now - 100, now, now + 1000, "orders/db1", 7).write(proof);
        assertThat(cluster.refused()).as("an old proof").isEqualTo(92);

        new LeaseProof(now, now + 60_000, now + 61_000, now + 62_000, "orders/db1", 7).write(proof);
        Files.writeString(proof, Files.readString(proof).replace(BootClock.boot(), "another-boot"));
        assertThat(cluster.refused()).as("a proof of another boot").isEqualTo(92);

        LeaseProof.withdraw(proof);
        Files.createFile(cluster.data().resolve("standby.signal"));
        cluster.startAndAwait();
        assertThat(cluster.server().guarded()).isTrue();
    }

    @Test
    @Thorough
    @DisplayName("A standby that is promoted by hand without the lease that is required is stopped by its starter")
    void stopsPromotionWithoutLease() throws IOException, InterruptedException {
        cluster.folder().install(cluster.data(), true);
        Files.createFile(cluster.data().resolve("standby.signal"));
        Process starter = cluster.startAndAwait();

        Process promotion = new ProcessBuilder(TestCluster.installation()
                        .command("pg_ctl", "promote", "-W", "-D", cluster.data().toString()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();

        assertThat(promotion.waitFor()).isZero();
        assertThat(starter.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(starter.exitValue()).isEqualTo(94);
        assertThat(cluster.server().proof().proved()).isTrue();
    }
}
