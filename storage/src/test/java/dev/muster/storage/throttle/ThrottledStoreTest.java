package dev.muster.storage.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectStoreContract;
import dev.muster.storage.local.LocalStore;
import dev.muster.storage.retry.InstantTime;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThrottledStoreTest extends ObjectStoreContract {
    private final InstantTime time = new InstantTime();

    @TempDir
    private Path directory;

    @Override
    protected ObjectStore emptyStore() throws IOException {
        return new ThrottledStore(
                LocalStore.open(Files.createDirectory(directory.resolve("store"))),
                Optional.of(new Rate(1_000_000, time)),
                Optional.of(new Rate(2_000_000, time)));
    }

    @Override
    protected int many() {
        return 50;
    }

    @Test
    @DisplayName("Content goes up and comes down at the rates that were set, and what was not used is not saved up")
    void rates() throws IOException {
        long start = time.nanos();
        store.create("a", new ByteArrayInputStream(new byte[5_000_000]));
        assertThat(took(start)).isBetween(Duration.ofMillis(4_700), Duration.ofMillis(5_010));
        time.pass(Duration.ofHours(1));
        start = time.nanos();
        try (InputStream content = store.open("a")) {
            assertThat(content.readAllBytes()).hasSize(5_000_000);
        }
        assertThat(took(start)).isBetween(Duration.ofMillis(2_200), Duration.ofMillis(2_510));
    }

    private Duration took(long start) {
        return Duration.ofNanos(time.nanos() - start);
    }
}
