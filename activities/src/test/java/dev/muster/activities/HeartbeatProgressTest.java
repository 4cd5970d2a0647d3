package dev.muster.activities;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.postgres.PostgresException;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.activity.ActivityInfo;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class HeartbeatProgressTest {
    private final AtomicReference<String> told = new AtomicReference<>("");

    @Test
    @DisplayName("A step that is held up says by what, until it goes on")
    void whatHoldsAStepUpIsTold() {
        try (Heartbeats heartbeats = Heartbeats.start(context())) {
            HeartbeatProgress progress = new HeartbeatProgress(heartbeats, "replayed");
            progress.hindered(
                    Optional.of(new PostgresException("STORE_UNAVAILABLE", "The store does not answer", "Is it up?")));
            awaitTold("held up by STORE_UNAVAILABLE: The store does not answer Hint: Is it up?");
            progress.advanced(1_000_000, 4_000_000);
            awaitTold("replayed 1 of 4 MB (25 %); held up by STORE_UNAVAILABLE: The store does not answer Hint:"
                    + " Is it up?");
            progress.hindered(Optional.empty());
            progress.advanced(4_000_000, 4_000_000);
            awaitTold("replayed 4 of 4 MB (100 %)");
        }
    }

    private void awaitTold(String text) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(told.get())
                        .startsWith(text)
                        .satisfies(
                                whole -> assertThat(whole.contains("held up")).isEqualTo(text.contains("held up"))));
    }

    private ActivityExecutionContext context() {
        ActivityInfo info = fake(ActivityInfo.class, (proxy, method, arguments) -> "ReplayWal");
        return fake(ActivityExecutionContext.class, (proxy, method, arguments) -> {
            if (method.getName().equals("getInfo")) {
                return info;
            }
            assertThat(method.getName()).isEqualTo("heartbeat");
            told.set(String.valueOf(arguments[0]));
            return null;
        });
    }

    private static <T> T fake(Class<T> type, InvocationHandler answers) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, answers));
    }
}
