package dev.muster.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.repository.RepositoryException;
import dev.muster.storage.StoreException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PatientStartTest {
    private static final Duration PAUSE = Duration.ofMillis(10);

    private final AtomicInteger tries = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    private PatientStart.Service afterTries(int failing, RuntimeException failure) {
        if (tries.incrementAndGet() <= failing) {
            throw failure;
        }
        return ended::incrementAndGet;
    }

    @Test
    @DisplayName("Repository and stores 6: a worker that starts while its store is away receives WAL when it is back")
    void theStoreComesBack() {
        StoreException away = new StoreException("STORE_UNREACHABLE", "nobody answers", "Is it up?");
        try (PatientStart start = PatientStart.of("WAL", PAUSE, () -> afterTries(3, away))) {
            await().atMost(Duration.ofSeconds(30)).until(() -> tries.get() == 4);
            assertThat(ended).hasValue(0);
            assertThat(start).isNotNull();
        }
        assertThat(ended).as("it is ended with the worker").hasValue(1);
        assertThat(tries).as("it is started once").hasValue(4);
    }

    @Test
    @DisplayName("What no waiting mends ends the worker's start")
    void aWrongKey() {
        RepositoryException wrong = new RepositoryException("WRONG_KEY", "another key", "Which one?");
        assertThatThrownBy(() -> PatientStart.of("WAL", PAUSE, () -> afterTries(1, wrong)))
                .isSameAs(wrong);
        assertThat(tries).hasValue(1);
    }

    @Test
    void aWorkerThatEndsBeforeStartsNothingMore() {
        StoreException away = new StoreException("STORE_UNREACHABLE", "nobody answers", "Is it up?");
        PatientStart start = PatientStart.of("WAL", Duration.ofHours(1), () -> afterTries(1, away));
        start.close();
        assertThat(tries).hasValue(1);
        assertThat(ended).hasValue(0);
    }
}
