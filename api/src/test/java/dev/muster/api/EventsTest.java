package dev.muster.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventsTest {
    private final ApiWorld world;

    EventsTest(@TempDir Path folder) throws IOException {
        world = new ApiWorld(folder);
        world.putOrders();
    }

    @AfterEach
    void close() {
        world.close();
    }

    /** A receiver: the stream's lines as they come. */
    private final class Receiver {
        final List<String> lines = new CopyOnWriteArrayList<>();
        final CompletableFuture<Void> end;

        Receiver(String run, String... headers) throws IOException, InterruptedException {
            var request = world.request("/v1/runs/" + run + "/events", world.viewer);
            if (headers.length > 0) {
                request.headers(headers);
            }
            var response = world.http().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
            end = CompletableFuture.runAsync(() -> {
                try (BufferedReader in =
                        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
                    in.lines().forEach(lines::add);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
        }

        List<String> with(String prefix) {
            return lines.stream()
                    .filter(line -> line.startsWith(prefix))
                    .map(line -> line.substring(prefix.length()))
                    .toList();
        }
    }

    @Test
    void aReceiverSeesEachThingOnceUntilTheEndAndOneThatComesBackOnlyWhatIsNew() throws Exception {
        String run = world.start("shipped:point-in-time-recovery");
        Receiver first = new Receiver(run);
        await().atMost(ApiWorld.SOON).until(() -> first.with("event: ").contains("waiting"));
        int before = first.with("id: ").size();
        String seen = first.with("id: ").get(before - 1);
        String plan = world.untilWaiting(run).path("planHash").asText();

        Receiver second = new Receiver(run, "Last-Event-ID", seen);
        world.post("/v1/runs/" + run + "/approvals", world.approver, Map.of("planHash", plan, "lossCeilingSeconds", 60))
                .expect(201);
        first.end.get(30, java.util.concurrent.TimeUnit.SECONDS);
        second.end.get(30, java.util.concurrent.TimeUnit.SECONDS);

        assertThat(first.with("event: "))
                .contains("step", "state", "waiting", "approval")
                .endsWith("end");
        assertThat(second.with("event: "))
                .doesNotContain("waiting")
                .contains("approval")
                .endsWith("end");
        assertThat(second.with("event: ").size())
                .isLessThan(first.with("event: ").size());
        String last = first.with("data: ").get(first.with("data: ").size() - 1);
        assertThat(last).contains("\"verdict\":\"SUCCEEDED\"");
        assertThat(first.with("id: ")).doesNotHaveDuplicates();
    }

    @Test
    void anInstanceThatEndsClosesItsStreams() throws Exception {
        String run = world.start("shipped:point-in-time-recovery");
        world.untilWaiting(run);
        Receiver receiver = new Receiver(run);
        await().atMost(ApiWorld.SOON).until(() -> receiver.with("event: ").contains("waiting"));
        world.api.close();
        receiver.end.get(15, java.util.concurrent.TimeUnit.SECONDS);
        assertThat(receiver.with("event: ")).doesNotContain("end");
    }
}
