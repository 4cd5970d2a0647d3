package dev.muster.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.postgres.TestCluster;
import dev.muster.postgres.replication.ServerAddress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ClosedReceiverTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void oneThatWaitsForItsNextAttemptIsClosedWithoutThatWait() throws IOException {
        WalReceiver receiver = new WalReceiver(
                ServerAddress.trusted("127.0.0.1", TestCluster.freePort(), "postgres"),
                (systemId, segmentSize) -> {
                    throw new AssertionError("There is no server");
                },
                new WalReceiver.Settings("muster", Duration.ofMillis(100), 1, LONG, LONG, false),
                Clock.systemUTC());
        receiver.start();
        await().atMost(LONG).until(() -> receiver.status().state() == WalReceiver.State.RETRYING);

        Instant asked = Instant.now();
        receiver.close();

        assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(3));
        assertThat(receiver.status().state()).isEqualTo(WalReceiver.State.STOPPED);
    }
}
