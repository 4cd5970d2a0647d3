package dev.muster.repository.reading;

import static dev.muster.repository.testing.SmallRepository.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.Repository;
import dev.muster.repository.testing.SmallRepository;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import dev.muster.storage.StoreWrapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadingTest {
    private static final int LEASES = 5;

    @TempDir
    private Path directory;

    @Test
    @DisplayName(
            "A restore says again and again that it lives, also after the store was away, and leaves one lease at most")
    void renewed() throws InterruptedException {
        try (SmallRepository small = SmallRepository.filled(directory)) {
            CountDownLatch leases = new CountDownLatch(LEASES);
            AtomicInteger most = new AtomicInteger();
            AtomicInteger tries = new AtomicInteger();
            StoreWrapper watched = new StoreWrapper(small.store) {
                @Override
                public ObjectWriter create(String key) {
                    if (key.startsWith("read/") && tries.incrementAndGet() == 2) {
                        throw new StoreException("STORE_UNREACHABLE", "It is away.", "Wait.");
                    }
                    return super.create(key);
                }

                @Override
                public void delete(String key) {
                    most.accumulateAndGet(leases(small), Math::max);
                    leases.countDown();
                    super.delete(key);
                }
            };
            try (Repository repository = small.open(watched);
                    Reading reading = Reading.begin(
                            repository,
                            SOURCE,
                            small.repository.backups(SOURCE).get(0).id(),
                            "test",
                            Duration.ofMillis(5))) {
                assertThat(leases.await(30, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(most).as("the new one is there before the old one goes").hasValue(2);
            assertThat(leases(small)).isZero();
        }
    }

    private static int leases(SmallRepository small) {
        return (int) small.store.keys().stream()
                .filter(key -> key.startsWith("read/"))
                .count();
    }
}
