package dev.muster.postgres.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.fence.BootClock;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Thorough
class EtcdLeaseTest {
    private static final BootClock CLOCK = BootClock.ofThisMachine();
    private static final Duration TTL = Duration.ofSeconds(3);

    @TempDir
    static Path folder;

    private static ThreeVoters etcd;

    @BeforeAll
    static void start() throws IOException {
        ThreeVoters.require();
        etcd = new ThreeVoters(folder);
    }

    @AfterAll
    static void stop() throws IOException {
        if (etcd != null) {
            etcd.close();
        }
    }

    @Test
    @DisplayName("One promotion at a time: a lease that is held is waited out before another acts")
    void oneHolderAtATime() {
        EtcdLease first = lease("/muster/a/main", "a/db1", 7);
        EtcdLease second = lease("/muster/a/main", "a/db2", 8);
        assertThat(first.holder()).isEmpty();

        LeaseHold hold = first.acquire();

        assertRefused("LEASE_HELD", second);
        assertThat(second.holder()).isEqualTo(Optional.of(new LeaseHolder("a/db1", 7)));
        LeaseHold renewed = first.renew(hold);
        assertThat(renewed.sent()).isGreaterThanOrEqualTo(hold.sent());
        LeaseHold taken = Awaitility.await()
                .atMost(Duration.ofSeconds(15))
                .ignoreExceptions()
                .until(second::acquire, got -> true);
        // The earliest that counts: from before the renewal was sent.
        assertThat(CLOCK.millis()).isGreaterThanOrEqualTo(renewed.sent() + TTL.toMillis());
        assertThatThrownBy(() -> first.renew(renewed))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("LEASE_LOST"));
        second.release(taken);
        assertThat(first.holder()).isEmpty();
        assertRefused("LEASE_EPOCH_OLD", first);
    }

    @Test
    @DisplayName(
            "A keeper that was started again takes its own member's lease over at once, and the earlier one loses it")
    void successorTakesOver() {
        EtcdLease before = lease("/muster/b/main", "b/db1", 7);
        LeaseHold old = before.acquire();
        EtcdLease successor = lease("/muster/b/main", "b/db1", 7);

        LeaseHold now = successor.acquire();

        assertThatThrownBy(() -> before.renew(old))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("LEASE_LOST"));
        successor.release(now);
    }

    @Test
    @DisplayName(
            "With one voter of three frozen a lease is acquired and renewed; without a majority it is unknown, not lost")
    void majorityDecides() throws IOException, InterruptedException {
        EtcdLease lease = lease("/muster/c/main", "c/db1", 7);
        try {
            etcd.signal("STOP", 1);
            LeaseHold hold = Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .ignoreExceptions()
                    .until(lease::acquire, got -> true);
            assertThat(lease.renew(hold).revision()).isGreaterThan(hold.revision());

            etcd.signal("STOP", 2);
            assertThatThrownBy(() -> lease.renew(hold))
                    .isInstanceOfSatisfying(
                            PostgresException.class, e -> assertThat(e.code()).isEqualTo("ETCD_UNREACHABLE"));
        } finally {
            etcd.signal("CONT", 3);
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(lease::holder, holder -> true);
    }

    private static EtcdLease lease(String key, String holder, long epoch) {
        return new EtcdLease(etcd.settings(), key, new LeaseHolder(holder, epoch), TTL, CLOCK);
    }

    private static void assertRefused(String code, EtcdLease lease) {
        assertThatThrownBy(lease::acquire)
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
