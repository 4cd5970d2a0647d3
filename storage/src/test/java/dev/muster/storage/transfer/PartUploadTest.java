package dev.muster.storage.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.storage.StoreException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PartUploadTest {
    private static final int PART = 100;

    @Test
    @DisplayName("What is written in pieces of any size is sent in parts of one size, the last one left for the commit")
    void parts() {
        Map<Integer, byte[]> sent = Collections.synchronizedMap(new TreeMap<>());
        try (PartUpload upload =
                new PartUpload(PART, 3, (number, bytes, length) -> sent.put(number, Arrays.copyOf(bytes, length)))) {
            byte value = 0;
            for (int size : new int[] {1, 99, 100, 7, 250, 43}) {
                byte[] bytes = new byte[size];
                for (int i = 0; i < size; i++) {
                    bytes[i] = value++;
                }
                upload.write(bytes, 0, size);
            }
            upload.finish();
            assertThat(upload.sent()).isEqualTo(4);
            assertThat(upload.lastLength()).isEqualTo(100);
            value = 0;
            for (byte[] part : sent.values()) {
                assertThat(part).hasSize(PART);
                for (byte each : part) {
                    assertThat(each).isEqualTo(value++);
                }
            }
            assertThat(upload.last()[0]).isEqualTo(value);
        }
    }

    @Test
    @DisplayName("No more parts are under way than allowed: the writer waits, and memory is bounded")
    void bounded() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger underWay = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (PartUpload upload = new PartUpload(PART, 2, (number, bytes, length) -> {
            most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            awaitQuietly(release);
            underWay.decrementAndGet();
        })) {
            Thread writer = new Thread(() -> upload.write(new byte[10 * PART], 0, 10 * PART));
            writer.start();
            writer.join(300);
            assertThat(writer.isAlive()).isTrue();
            assertThat(underWay.get()).isEqualTo(2);
            release.countDown();
            writer.join();
            upload.finish();
            assertThat(most.get()).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("A part that could not be stored fails the upload with its own error, and nothing more is sent")
    void failure() {
        AtomicInteger sent = new AtomicInteger();
        try (PartUpload upload = new PartUpload(PART, 1, (number, bytes, length) -> {
            sent.incrementAndGet();
            throw new StoreException("STORE_FULL", "full", "free");
        })) {
            assertThatThrownBy(() -> upload.write(new byte[10 * PART], 0, 10 * PART))
                    .hasMessage("full");
            assertThatThrownBy(upload::finish).hasMessage("full");
        }
        assertThat(sent.get()).isEqualTo(1);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
