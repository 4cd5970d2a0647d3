package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.awaitility.core.ConditionFactory;

/**
 * Somebody who uses the API over HTTP and, as people do, asks again while it is away or says that something behind it is.
 * Any other refusal, a 500 above all, is an error of the test.
 */
final class ApiUser {
    /** Longer than the API itself waits for whatever is behind it. */
    private static final Duration ANSWER = Duration.ofSeconds(60);

    private static final Duration PATIENCE = Duration.ofMinutes(8);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final Supplier<URI> api;
    private final String bearer;
    private final AtomicInteger repeats = new AtomicInteger();

    record Answer(int status, JsonNode body) {}

    /** @param api asked for with each request: another instance may have taken over */
    ApiUser(Supplier<URI> api, String bearer) {
        this.api = api;
        this.bearer = bearer;
    }

    /** How often a request had to be repeated until now, because the API did not answer or answered 503. */
    int repeats() {
        return repeats.get();
    }

    void putSystem(String name, String yaml) {
        persist("the system is described", () -> answered(put("/v1/systems/" + name, Map.of("yaml", yaml))));
    }

    /** Starts a run, with the same key until somebody answers. Returns its view. */
    JsonNode start(String key, String system, String runbook) {
        return persist(
                "the run is started", () -> answered(start(system, runbook).header("Idempotency-Key", key)));
    }

    HttpRequest.Builder start(String system, String runbook) {
        return request("/v1/runs").POST(json(Map.of("system", system, "runbook", runbook)));
    }

    private Optional<JsonNode> shown(String run) {
        return answered(request("/v1/runs/" + run).GET());
    }

    /** Waits until it is asked for and approves the plan; again until an approval counts, whose answer may get lost. */
    void approve(String run) {
        persist("the approval counts", () -> shown(run).filter(shown -> approved(run, shown)));
    }

    private boolean approved(String run, JsonNode shown) {
        for (JsonNode approval : shown.path("approvals")) {
            if (approval.path("accepted").asBoolean()) {
                return true;
            }
        }
        JsonNode about = shown.path("run");
        assertThat(about.path("verdict").asText())
                .as("ended unapproved: %s", about)
                .isEmpty();
        JsonNode waiting = about.path("waiting");
        if (!waiting.hasNonNull("gate")) {
            return false;
        }
        Optional<Answer> answer = send(request("/v1/runs/" + run + "/approvals")
                .POST(json(Map.of(
                        "planHash",
                        about.path("planHash").asText(),
                        "lossCeilingSeconds",
                        waiting.path("lossSeconds").asLong(),
                        "acceptUnknownLoss",
                        !waiting.hasNonNull("lossSeconds")))));
        // Not waiting any more: an approval before this one counted, or there is a new plan. The next look tells.
        answer.ifPresent(
                given -> assertThat(given.status()).as("%s", given.body()).isIn(201, 409));
        return answer.filter(given -> given.status() == 201).isPresent();
    }

    /** Looks at the run again and again, as whoever waits for it does, until it is shown with its verdict. */
    JsonNode awaitVerdict(String run) {
        return persist(
                "the run is over",
                () -> shown(run)
                        .filter(shown ->
                                !shown.path("run").path("verdict").asText().isEmpty()));
    }

    private HttpRequest.Builder put(String path, Object body) {
        return request(path).PUT(json(body));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(api.get().resolve(path))
                .timeout(ANSWER)
                .header("Authorization", "Bearer " + bearer)
                .header("Content-Type", "application/json");
    }

    private static HttpRequest.BodyPublisher json(Object body) {
        try {
            return HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body));
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The body of a 200 or 201; empty while it is worth asking again. */
    private Optional<JsonNode> answered(HttpRequest.Builder request) {
        return send(request).map(answer -> {
            assertThat(answer.status()).as("%s", answer.body()).isIn(200, 201);
            return answer.body();
        });
    }

    /** What it answers; empty while it is away, or something behind it is. */
    Optional<Answer> send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 503) {
                return Optional.of(new Answer(response.statusCode(), JSON.readTree(response.body())));
            }
        } catch (IOException e) {
            // Nobody there, or killed while it answered: whether the request was taken is not known.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while the API is asked", e);
        }
        repeats.incrementAndGet();
        return Optional.empty();
    }

    private static <T> T persist(String what, Supplier<Optional<T>> asking) {
        return eventually(what).until(asking::get, Optional::isPresent).orElseThrow();
    }

    private static ConditionFactory eventually(String what) {
        return await(what).atMost(PATIENCE).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(200));
    }
}
