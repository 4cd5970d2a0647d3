package dev.muster.postgres.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.fence.BootClock;
import dev.muster.postgres.fence.DownProof;
import dev.muster.postgres.fence.FenceOrder;
import dev.muster.postgres.fence.FencedCluster;
import dev.muster.postgres.fence.StopBounds;
import dev.muster.postgres.fence.StopStep;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Thorough
class LeaseKeeperTest {
    private static final BootClock CLOCK = BootClock.ofThisMachine();
    private static final LeaseTiming TIMING = LeaseTiming.of(Duration.ofSeconds(5));
    private static final String KEY = "/muster/orders/main";

    @TempDir
    Path folder;

    @Test
    @DisplayName("A lease is given up only by a server that is proved down, and then another takes it at once")
    void releasedWhenDown() throws IOException, InterruptedException {
        ThreeVoters.require();
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        try (ThreeVoters etcd = new ThreeVoters(folder);
                FencedCluster cluster = new FencedCluster(folder, true);
                LeaseKeeper keeper = keeper(etcd, cluster, told);
                LeaseKeeper second = keeper(etcd, cluster, told)) {
            keeper.start();
            assertThat(keeper.holds()).isTrue();
            assertCode("LEASE_KEEPER_TAKEN", second::start);
            // Past the starter: only the keeper watches the lease now.
            cluster.startByHand();
            assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("unguarded");
            assertCode("LEASE_STILL_NEEDED", keeper::release);

            cluster.fence().fence(new FenceOrder(8, "run-8", "switch", "ada"), StopBounds.DEFAULT);
            keeper.release();

            EtcdLease other =
                    new EtcdLease(etcd.settings(), KEY, new LeaseHolder("orders/db2", 8), TIMING.ttl(), CLOCK);
            assertThat(other.acquire().sent()).isLessThanOrEqualTo(CLOCK.millis());
            assertThat(keeper.holds()).isFalse();
        }
    }

    private static LeaseKeeper keeper(ThreeVoters etcd, FencedCluster cluster, BlockingQueue<String> told) {
        EtcdLease lease = new EtcdLease(etcd.settings(), KEY, new LeaseHolder("orders/db1", 7), TIMING.ttl(), CLOCK);
        LeaseListener listener = new LeaseListener() {
            @Override
            public void renewalFailed(RuntimeException trouble) {
                told.add("renewal failed " + trouble.getMessage());
            }

            @Override
            public void unguarded() {
                told.add("unguarded");
            }

            @Override
            public void lost(String why, StopStep step, DownProof proof) {
                told.add("lost " + why);
            }

            @Override
            public void stopFailed(RuntimeException trouble) {
                told.add("stop failed " + trouble);
            }
        };
        return new LeaseKeeper(lease, TIMING, CLOCK, cluster.folder(), cluster.server(), listener);
    }

    private static void assertCode(String code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
