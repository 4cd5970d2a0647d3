package dev.muster.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TimeLeftTest {
    private final AtomicLong clock = new AtomicLong();
    private final TimeLeft left = new TimeLeft(clock::get);

    private void pass(int seconds) {
        clock.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }

    @Test
    @DisplayName("The time left follows from the speed so far, and nothing is said before there is one")
    void followsFromTheSpeed() {
        assertThat(left.after(0, 1000)).isEmpty();
        pass(1);
        assertThat(left.after(10, 1000)).isEmpty();
        pass(9);
        assertThat(left.after(100, 1000)).contains(Duration.ofSeconds(90));
        assertThat(left.after(1000, 1000)).contains(Duration.ZERO);
    }

    @Test
    @DisplayName("What was fast long ago does not count")
    void whatWasLongAgoDoesNotCount() {
        left.after(0, 100_000);
        pass(10);
        left.after(50_000, 100_000);
        for (int i = 0; i < 60; i++) {
            pass(5);
            left.after(50_000 + i * 50, 100_000);
        }
        assertThat(left.after(53_000, 100_000).orElseThrow()).isGreaterThan(Duration.ofMinutes(70));
    }
}
