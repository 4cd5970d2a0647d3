package dev.muster.activities;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.activity.ActivityExecutionContext;
import io.temporal.activity.ActivityInfo;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HeartbeatsTest {
    private final CountDownLatch onItsWay = new CountDownLatch(1);
    private final CountDownLatch answered = new CountDownLatch(1);
    private final CompletableFuture<String> beat = new CompletableFuture<>();
    private final AtomicInteger beats = new AtomicInteger();

    @Test
    void aStepThatEndsWhileItBeatsLetsThatBeatGetThroughAndBeatsNoMore() throws Exception {
        Heartbeats heartbeats = Heartbeats.start(context());
        assertThat(onItsWay.await(30, TimeUnit.SECONDS)).isTrue();

        heartbeats.close();
        answered.countDown();

        assertThat(beat.get(30, TimeUnit.SECONDS)).isEqualTo("answered");
        assertThat(beats).hasValue(1);
    }

    private void beat() {
        beats.incrementAndGet();
        onItsWay.countDown();
        try {
            answered.await();
            beat.complete("answered");
        } catch (InterruptedException e) {
            beat.complete("interrupted");
        }
    }

    private ActivityExecutionContext context() {
        ActivityInfo info = fake(ActivityInfo.class, (proxy, method, arguments) -> "RestoreBackup");
        return fake(ActivityExecutionContext.class, (proxy, method, arguments) -> {
            if (method.getName().equals("getInfo")) {
                return info;
            }
            assertThat(method.getName()).isEqualTo("heartbeat");
            beat();
            return null;
        });
    }

    private static <T> T fake(Class<T> type, InvocationHandler answers) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, answers));
    }
}
