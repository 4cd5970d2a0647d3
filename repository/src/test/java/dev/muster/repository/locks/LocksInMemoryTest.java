package dev.muster.repository.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.testing.LockingStore;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LocksInMemoryTest extends LockedRepositoryContract {
    private final LockingStore store = new LockingStore(Duration.ofDays(2), Clock.systemUTC());

    @Override
    ObjectStore store(int days) {
        store.lockFor(Duration.ofDays(days));
        return store;
    }

    @Test
    @DisplayName(
            "Where locks may not be extended a backup that refers to older ones is refused, and a full one is made")
    void denied() {
        try (Repository repository = open(2)) {
            String full = full(repository);
            assertThat(repository.mayReferToOlder()).isTrue();
            store.lockFor(Duration.ofDays(3));
            store.denyExtending();
            assertThat(repository.mayReferToOlder()).isFalse();
            assertThatThrownBy(() -> increment(repository, full))
                    .isInstanceOfSatisfying(
                            RepositoryException.class, e -> assertThat(e.code()).isEqualTo("LOCK_NOT_EXTENDED"));
            String second = full(repository);
            assertThat(repository.backups(SOURCE))
                    .extracting(backup -> backup.id())
                    .containsExactly(full, second);
        }
    }
}
