package dev.muster.storage.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import dev.muster.storage.Stores;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeteredStoreTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @TempDir
    private Path folder;

    @Test
    @DisplayName("Every counter is there at 0 from the beginning, and counts what is asked, how it ends, and bytes")
    void counted() throws IOException {
        ObjectStore store = Stores.open("file://" + folder, registry);
        assertThat(count("commit", "ok")).isZero();
        assertThat(count("delete", "error")).isZero();
        assertThat(registry.get("muster.store.retries")
                        .tag("code", "STORE_THROTTLED")
                        .counter()
                        .count())
                .isZero();
        store.create("a", new ByteArrayInputStream(new byte[1000]));
        assertThatThrownBy(() -> store.create("a", new ByteArrayInputStream(new byte[1000])))
                .isInstanceOf(StoreException.class);
        try (InputStream content = store.open("a", 0, 100)) {
            assertThat(content.readAllBytes()).hasSize(100);
        }
        assertThatThrownBy(() -> store.open("b").close()).isInstanceOf(StoreException.class);
        store.delete("a");
        assertThat(count("commit", "ok")).isOne();
        assertThat(count("create", "refused")).isOne();
        assertThat(count("open", "ok")).isOne();
        assertThat(count("open", "refused")).isOne();
        assertThat(count("delete", "ok")).isOne();
        assertThat(bytes("up")).isEqualTo(1000);
        assertThat(bytes("down")).isEqualTo(100);
        assertThat(registry.get("muster.store.bytes").counter().getId().getTag("store"))
                .isEqualTo("file://" + folder);
    }

    private long count(String operation, String outcome) {
        Timer timer = registry.get("muster.store.operations")
                .tags("operation", operation, "outcome", outcome)
                .timer();
        return timer.count();
    }

    private double bytes(String direction) {
        return registry.get("muster.store.bytes")
                .tag("direction", direction)
                .counter()
                .count();
    }
}
