package dev.muster.activities.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.activities.ActivityWork;
import dev.muster.activities.Heartbeats;
import dev.muster.storage.testing.MemoryStore;
import io.temporal.activity.ActivityInterface;
import io.temporal.client.ActivityCanceledException;
import io.temporal.client.ActivityCompletionException;
import io.temporal.testing.TestActivityEnvironment;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WatchedStoreTest {
    private final MemoryStore store = new MemoryStore("watched");

    /** A look at the store. */
    @ActivityInterface
    public interface Look {
        String look();
    }

    private static boolean isStopped(Heartbeats heartbeats) {
        try {
            heartbeats.check();
            return false;
        } catch (ActivityCompletionException e) {
            return true;
        }
    }

    @Test
    @DisplayName("A look of hours at a store ends when its run was cancelled, whatever part of it is under way")
    void nobodyWaits() {
        store.replace("src/object", new byte[] {1});
        TestActivityEnvironment environment = TestActivityEnvironment.newInstance();
        try {
            Look look = () -> ActivityWork.run(heartbeats -> {
                WatchedStore watched = new WatchedStore(store, heartbeats);
                assertThat(watched.find("src/object")).isPresent();
                environment.requestCancelActivity();
                await().atMost(Duration.ofSeconds(30)).until(() -> isStopped(heartbeats));
                assertThatThrownBy(() -> watched.find("src/object")).isInstanceOf(ActivityCanceledException.class);
                assertThatThrownBy(() -> watched.open("src/object")).isInstanceOf(ActivityCanceledException.class);
                assertThatThrownBy(() -> watched.open("src/object", 0, 1))
                        .isInstanceOf(ActivityCanceledException.class);
                assertThatThrownBy(() -> watched.list("src/", object -> {}))
                        .isInstanceOf(ActivityCanceledException.class);
                return "each was ended";
            });
            environment.registerActivitiesImplementations(look);
            assertThat(environment.newActivityStub(Look.class).look()).isEqualTo("each was ended");
        } finally {
            environment.close();
        }
    }
}
