package dev.muster.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.Lsn;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DurableLagTest {
    private static final Instant START = Instant.parse("2026-11-21T12:00:00Z");

    private final DurableLag lag = new DurableLag();

    @Test
    @DisplayName("The lag is the age of the oldest WAL that the server has and the store has not")
    void age() {
        lag.serverHas(new Lsn(100), at(0));
        lag.serverHas(new Lsn(200), at(1));
        lag.serverHas(new Lsn(200), at(2));
        assertThat(lag.since(new Lsn(50))).contains(at(0));
        assertThat(lag.since(new Lsn(150))).contains(at(1));
        assertThat(lag.since(new Lsn(200))).isEmpty();
    }

    @Test
    @DisplayName("Under load the lag is shown too large for a moment, never too small")
    void bounded() {
        for (int i = 1; i <= 100_000; i++) {
            lag.serverHas(new Lsn(i), at(i));
        }
        for (int durable = 0; durable < 100_000; durable += 997) {
            assertThat(lag.since(new Lsn(durable)))
                    .hasValueSatisfying(since -> assertThat(since).isAfterOrEqualTo(START));
            assertThat(lag.since(new Lsn(durable)).orElseThrow()).isBeforeOrEqualTo(at(durable + 1));
        }
        assertThat(lag.since(new Lsn(100_000))).isEmpty();
    }

    @Test
    @DisplayName("What was lost with a failover is not waited for")
    void failover() {
        lag.serverHas(new Lsn(100), at(0));
        lag.serverHas(new Lsn(300), at(1));
        lag.serverIsAt(new Lsn(200), at(5));
        assertThat(lag.since(new Lsn(100))).contains(at(1));
        assertThat(lag.since(new Lsn(200))).isEmpty();
    }

    private static Instant at(long seconds) {
        return START.plusSeconds(seconds);
    }
}
