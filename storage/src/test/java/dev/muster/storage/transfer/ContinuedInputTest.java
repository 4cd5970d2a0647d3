package dev.muster.storage.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.StoreException;
import dev.muster.storage.retry.InstantTime;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ContinuedInputTest {
    private static final byte[] CONTENT = "0123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    @Test
    @DisplayName(
            "Repository and stores 3: an answer that ends early without an error is not taken for the object's end")
    void earlyEnd() throws IOException {
        try (InputStream stream = new ContinuedInput(
                "x",
                new ByteArrayInputStream(CONTENT, 2, 3),
                2,
                8,
                (from, length) -> new ByteArrayInputStream(CONTENT, (int) from, (int) length),
                InstantTime.retries(3))) {
            assertThat(stream.readAllBytes())
                    .isEqualTo("23456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
    }

    @Test
    @DisplayName("An object that is gone or replaced when a read goes on ends the read with an error, at once")
    void gone() {
        AtomicInteger asked = new AtomicInteger();
        try (InputStream stream = new ContinuedInput(
                "x",
                new ByteArrayInputStream(CONTENT, 0, 3),
                0,
                10,
                (from, length) -> {
                    asked.incrementAndGet();
                    throw new StoreException("STORE_DAMAGED", "replaced", "");
                },
                InstantTime.retries(3))) {
            assertThatThrownBy(stream::readAllBytes)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("byte 3")
                    .hasMessageContaining("replaced");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        assertThat(asked.get()).isEqualTo(1);
    }

    @Test
    @DisplayName(
            "A key that is taken is another's unless this writer was in doubt before, and finds its own object there")
    void creation() {
        AtomicInteger requests = new AtomicInteger();
        Runnable lostThenTaken = () -> {
            if (requests.getAndIncrement() == 0) {
                throw new StoreException("STORE_UNREACHABLE", "lost", "");
            }
            throw new ObjectExistsException("url", "x");
        };
        Creation.once(InstantTime.retries(3), lostThenTaken, () -> true);
        assertThat(requests.getAndSet(0)).isEqualTo(2);
        assertThatThrownBy(() -> Creation.once(InstantTime.retries(3), lostThenTaken, () -> false))
                .isInstanceOf(ObjectExistsException.class);
        requests.set(1);
        assertThatThrownBy(() -> Creation.once(InstantTime.retries(3), lostThenTaken, () -> true))
                .isInstanceOf(ObjectExistsException.class);
    }
}
