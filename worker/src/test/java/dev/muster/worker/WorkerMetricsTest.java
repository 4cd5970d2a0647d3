package dev.muster.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

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
    void whatTheProcessAndTheTemporalSdkCountIsShownToPrometheus() {
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

    private static String refused(int exitCode, Path state, String... metrics) {
        List<String> arguments =
                new ArrayList<>(List.of("--control", "--state", state.toString(), "--approvers", state.toString()));
        arguments.addAll(List.of(metrics));
        StringWriter err = new StringWriter();
        assertThat(new CommandLine(new WorkerCommand())
                        .setErr(new PrintWriter(err))
                        .execute(arguments.toArray(String[]::new)))
                .as(err.toString())
                .isEqualTo(exitCode);
        return err.toString();
    }

    @Test
    void aPortThatIsTakenIsNamedBeforeAnythingIsStarted(@TempDir Path state) {
        try (WorkerMetrics first = WorkerMetrics.open("127.0.0.1", 0)) {
            assertThat(refused(1, state, "--metrics-port", String.valueOf(first.port())))
                    .startsWith("METRICS_PORT_UNUSABLE: ")
                    .contains("127.0.0.1:" + first.port())
                    .contains("Hint: ");
        }
    }

    @Test
    void anAddressThatIsNoneOfThisMachineIsNamed(@TempDir Path state) {
        // Of RFC 5737: for documentation, nobody's.
        assertThat(refused(1, state, "--metrics-port", "0", "--metrics-bind", "192.0.2.1"))
                .startsWith("METRICS_PORT_UNUSABLE: ")
                .contains("192.0.2.1");
        assertThat(refused(1, state, "--metrics-port", "0", "--metrics-bind", "no.such.name.invalid"))
                .startsWith("METRICS_PORT_UNUSABLE: ")
                .contains("no.such.name.invalid");
    }

    @Test
    void aPortThatIsNoneIsRefusedAsWrongUsage(@TempDir Path state) {
        assertThat(refused(2, state, "--metrics-port", "65536")).startsWith("--metrics-port is 0 to 65535, not 65536.");
        assertThat(refused(2, state, "--metrics-port", "-1")).startsWith("--metrics-port is 0 to 65535, not -1.");
        assertThat(refused(2, state, "--metrics-port", "http")).contains("'--metrics-port'", "'http'");
    }
}
