package dev.muster.embedded.dev;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.embedded.EmbeddedException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The API as its users have it: what dev itself asks of it, over HTTP. */
final class DevApi {
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final long LOOK_MILLIS = 200;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(ANSWER)
            .build();
    private final ObjectMapper json = new ObjectMapper();
    private final URI api;

    DevApi(URI api) {
        this.api = api;
    }

    void putSystem(Person operator, String name, String yaml) {
        send(request(operator, "/v1/systems/" + name)
                .PUT(HttpRequest.BodyPublishers.ofString(text(Map.of("yaml", yaml)))));
    }

    /** Starts a shipped runbook. Returns the run's id. */
    String start(Person operator, String system, String runbook) {
        return send(request(operator, "/v1/runs")
                        .header("Idempotency-Key", UUID.randomUUID().toString())
                        .POST(HttpRequest.BodyPublishers.ofString(text(Map.of("system", system, "runbook", runbook)))))
                .path("id")
                .asText();
    }

    /**
     * Waits until the run is over. Returns it.
     *
     * @throws EmbeddedException DEV_START_FAILED unless it succeeded
     */
    JsonNode awaitSuccess(Person viewer, String run, Duration limit) {
        // Its record, and the verdict with it, may come a moment after its end.
        JsonNode ended = await(
                        viewer,
                        "/v1/runs/" + run,
                        limit,
                        body -> !body.path("run").path("verdict").asText().isEmpty())
                .path("run");
        if (!ended.path("verdict").asText().equals("SUCCEEDED")) {
            throw failed("The run " + run + " did not succeed: "
                    + ended.path("summary").asText());
        }
        return ended;
    }

    /** Asks until the answer is as wanted. */
    JsonNode await(Person viewer, String path, Duration limit, Predicate<JsonNode> wanted) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            JsonNode body = send(request(viewer, path).GET());
            if (wanted.test(body)) {
                return body;
            }
            if (System.nanoTime() - deadline > 0) {
                throw failed(path + " is not as awaited within " + limit.toSeconds() + " s: " + body);
            }
            pause();
        }
    }

    private HttpRequest.Builder request(Person person, String path) {
        return HttpRequest.newBuilder(api.resolve(path))
                .timeout(ANSWER)
                .header("Authorization", person.authorization())
                .header("Content-Type", "application/json");
    }

    private JsonNode send(HttpRequest.Builder builder) {
        HttpRequest request = builder.build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw failed(request.method() + " " + request.uri() + " answers " + response.statusCode() + ": "
                        + response.body());
            }
            return json.readTree(response.body());
        } catch (IOException e) {
            throw failed(request.method() + " " + request.uri() + " fails: " + e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private String text(Object body) {
        try {
            return json.writeValueAsString(body);
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static EmbeddedException failed(String what) {
        return new EmbeddedException(
                "DEV_START_FAILED", what, "Read the logs in the folder of this start (--keep leaves it).");
    }

    private static EmbeddedException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new EmbeddedException("INTERRUPTED", "Interrupted while the API is asked", "The run is ending.", e);
    }
}
