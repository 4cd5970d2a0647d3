package dev.muster.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EstimateTest {
    @Test
    void theTimeLeftComesFromTheAverageSoFarAndIsToldOnceInAnInterval() {
        AtomicLong now = new AtomicLong(5);
        List<Estimate> told = new ArrayList<>();
        Progress progress = Estimate.every(Duration.ofSeconds(1), told::add, now::get);
        progress.advanced(1, 1000);
        now.addAndGet(Duration.ofMillis(500).toNanos());
        progress.advanced(100, 1000);
        now.addAndGet(Duration.ofMillis(500).toNanos());
        progress.advanced(250, 1000);
        progress.advanced(251, 1000);
        progress.advanced(1000, 1000);
        assertThat(told).extracting(Estimate::done).containsExactly(1L, 250L, 1000L);
        assertThat(told.get(0).left()).isEmpty();
        assertThat(told.get(1).left()).contains(Duration.ofSeconds(3));
        assertThat(told.get(2).left()).contains(Duration.ZERO);
    }
}
