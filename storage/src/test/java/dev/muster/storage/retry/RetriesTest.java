package dev.muster.storage.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.storage.StoreException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RetriesTest {
    private final InstantTime time = new InstantTime();
    private final AtomicInteger asked = new AtomicInteger();

    @Test
    @DisplayName("What fails for now is tried again, after waits that grow, and succeeds when the store is back")
    void waitsGrow() {
        Retries retries = retries(6, 100);
        String result = retries.call(() -> {
            if (asked.incrementAndGet() <= 6) {
                throw trouble("STORE_UNREACHABLE");
            }
            return "there";
        });
        assertThat(result).isEqualTo("there");
        assertThat(asked).hasValue(7);
        long longest = 100;
        for (Duration wait : time.waits()) {
            assertThat(wait.toMillis()).isBetween(longest / 2, longest);
            longest *= 2;
        }
        assertThat(time.waits()).hasSize(6);
    }

    @Test
    @DisplayName("What will not pass by itself is not tried again")
    void onlyTransitory() {
        for (String code : new String[] {"STORE_DENIED", "OBJECT_MISSING", "STORE_FULL", "STORE_MISSING"}) {
            asked.set(0);
            assertThatThrownBy(() -> retries(5, 100).call(() -> fail(code))).hasMessage("x");
            assertThat(asked).hasValue(1);
        }
    }

    @Test
    @DisplayName("In an outage the load does not multiply: when the budget is used up, everything is tried once")
    void budget() {
        Retries retries = retries(5, 10);
        for (int request = 0; request < 100; request++) {
            assertThatThrownBy(() -> retries.call(() -> fail("STORE_THROTTLED")))
                    .hasMessage("x");
        }
        assertThat(asked).hasValue(110);
        // A tenth of what succeeds may be repeated again.
        for (int request = 0; request < 20; request++) {
            retries.call(() -> "fine");
        }
        asked.set(0);
        assertThatThrownBy(() -> retries.call(() -> fail("STORE_UNREACHABLE"))).hasMessage("x");
        assertThat(asked).hasValue(3);
    }

    @Test
    @DisplayName("Layers above do not start anew what a layer below has given up")
    void notMultiplied() {
        Retries retries = retries(3, 100);
        assertThatThrownBy(() -> retries.call(() -> retries.call(() -> fail("STORE_UNREACHABLE"))))
                .hasMessage("x");
        assertThat(asked).hasValue(4);
    }

    @Test
    @DisplayName("Who is interrupted is not kept waiting for a store")
    void interrupted() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> retries(5, 100).call(() -> fail("STORE_UNREACHABLE")))
                    .hasMessage("x");
            assertThat(asked).hasValue(1);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    private Retries retries(int limit, int budget) {
        return new Retries(limit, new RetryBudget(budget), time, new Random(1), failure -> {});
    }

    private String fail(String code) {
        asked.incrementAndGet();
        throw trouble(code);
    }

    private static StoreException trouble(String code) {
        return new StoreException(code, "x", "y");
    }
}
