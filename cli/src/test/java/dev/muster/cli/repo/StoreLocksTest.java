package dev.muster.cli.repo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.expiry.ObjectLocks;
import dev.muster.storage.ObjectLock;
import dev.muster.storage.ObjectVersion;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StoreLocksTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    /** Everything is locked until noon or a second later. */
    private record Until(Instant end) implements ObjectLock {
        @Override
        public Optional<Instant> lockedUntil(String key) {
            return key.equals("free") ? Optional.empty() : Optional.of(end);
        }

        @Override
        public void extend(String key, Instant until) {
            throw new UnsupportedOperationException(key);
        }

        @Override
        public void versions(String prefix, Consumer<ObjectVersion> each) {
            throw new UnsupportedOperationException(prefix);
        }

        @Override
        public InputStream open(ObjectVersion version) {
            throw new UnsupportedOperationException(version.toString());
        }
    }

    private static ObjectLocks locks(Instant end) {
        return StoreLocks.of(Optional.of(new Until(end)), Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @Test
    @DisplayName(
            "Repository 6: an object under lock at expiry is not told as deleted, and goes when the lock has ended")
    void aLockHoldsUntilItsEnd() {
        assertThat(locks(NOW.plusSeconds(1)).locked("held")).isTrue();
        assertThat(locks(NOW.plusSeconds(1)).locked("free")).isFalse();
        assertThat(locks(NOW).locked("held")).isFalse();
        assertThat(StoreLocks.of(Optional.empty(), Clock.systemUTC()).locked("held"))
                .isFalse();
    }
}
