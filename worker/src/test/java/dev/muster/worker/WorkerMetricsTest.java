package dev.muster.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WorkerMetricsTest {
    private static HttpResponse<String> get(int port) {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                                    .timeout(Duration.ofSeconds(10))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatTheProcessAndTheTemporalSdkCountIsShownToPrometheus() throws IOException {
        try (WorkerMetrics metrics = WorkerMetrics.open("127.0.0.1", 0)) {
            metrics.temporal().counter("temporal_request").inc(3);
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(get(metrics.port()).body())
                            .contains("jvm_memory_used_bytes")
                            .contains("temporal_request_total 3.0"));
            assertThat(get(metrics.port()).headers().firstValue("Content-Type").orElse(""))
                    .startsWith("text/plain");
        }
    }

    @Test
    void aPortThatIsTakenIsNamed() throws IOException {
        try (WorkerMetrics first = WorkerMetrics.open("127.0.0.1", 0)) {
            assertThatThrownBy(() -> WorkerMetrics.open("127.0.0.1", first.port()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(String.valueOf(first.port()));
        }
    }
}
