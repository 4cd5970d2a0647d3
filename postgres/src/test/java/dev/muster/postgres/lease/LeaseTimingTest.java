package dev.muster.postgres.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LeaseTimingTest {
    @Test
    @DisplayName(
            "For every ttl a description may have, stopping begins early enough to end before the lease can pass on")
    void stopsBeforeTheEnd() {
        for (int seconds = 3; seconds <= 300; seconds++) {
            LeaseTiming timing = LeaseTiming.of(Duration.ofSeconds(seconds));
            long ttl = seconds * 1000L;
            long sent = 5_000;

            assertThat(timing.until(sent)).isLessThanOrEqualTo(sent + ttl - ttl / 50 - 50);
            assertThat(timing.until(sent) - timing.stopAt(sent)).isGreaterThanOrEqualTo(800);
            assertThat(timing.killAt(sent)).isBetween(timing.stopAt(sent) + 480, timing.until(sent) - 320);
            long renewalDue = sent + timing.renewEvery().toMillis();
            // A renewal is two exchanges; one endpoint may be silent for each of them.
            assertThat(renewalDue + 3 * timing.exchange().toMillis()).isLessThanOrEqualTo(timing.stopAt(sent));
        }
    }

    @Test
    @DisplayName("A lease that leaves no time for a late renewal, or too little for stopping, is refused")
    void refusesWhatCannotWork() {
        assertThatThrownBy(() -> LeaseTiming.of(Duration.ofSeconds(2))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LeaseTiming(Duration.ofSeconds(10), Duration.ofMillis(250), Duration.ofSeconds(6)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () -> new LeaseTiming(Duration.ofSeconds(10), Duration.ofMillis(250), Duration.ofMillis(500)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
