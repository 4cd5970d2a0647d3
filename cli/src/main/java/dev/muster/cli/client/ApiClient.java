package dev.muster.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.CliException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Talks to one API as one person. Every request is bounded in time and size. A read is repeated when the API does not
 * answer, and so is the start of a run, whose Idempotency-Key makes the repeat harmless; nothing else is.
 */
public final class ApiClient {
    private static final Logger log = LoggerFactory.getLogger(ApiClient.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration WHOLE = Duration.ofSeconds(40);
    private static final long LARGEST_ANSWER = 32L * 1024 * 1024;
    private static final int TRIES = 3;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(300);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);

    private final URI api;
    private final String token;
    private final HttpClient http;

    private ApiClient(URI api, String token, HttpClient http) {
        this.api = api;
        this.token = token;
        this.http = http;
    }

    /**
     * Does not connect yet.
     *
     * @param authorities a PEM file, to believe only what these authorities signed; null for the JDK's
     * @throws CliException CA_UNREADABLE
     */
    public static ApiClient to(URI api, String token, @Nullable Path authorities) {
        HttpClient.Builder http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                // The token goes where the operator said and nowhere else.
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT);
        if (authorities != null) {
            http.sslContext(Authorities.read(authorities));
        }
        return new ApiClient(api, token, http.build());
    }

    public URI api() {
        return api;
    }

    public static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** A path of segments, each of which may hold anything. */
    public static String path(String... segments) {
        return List.of(segments).stream().map(ApiClient::encoded).collect(Collectors.joining("/", "/v1/", ""));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    public Answer get(String path) throws InterruptedException {
        return get(path, Map.of());
    }

    /** @throws CliException what the API says, or that it does not answer */
    public Answer get(String path, Map<String, String> query) throws InterruptedException {
        String parameters = query.entrySet().stream()
                .map(entry -> encoded(entry.getKey()) + "=" + encoded(entry.getValue()))
                .collect(Collectors.joining("&"));
        return repeating(
                request(path + (parameters.isEmpty() ? "" : "?" + parameters))
                        .GET()
                        .build(),
                false);
    }

    /** Starts a run, or finds the one that the key stands for. */
    public Answer startRun(JsonNode body, String idempotencyKey) throws InterruptedException {
        return repeating(
                withBody("/v1/runs", "POST", body)
                        .header("Idempotency-Key", idempotencyKey)
                        .build(),
                true);
    }

    public Answer post(String path, JsonNode body) throws InterruptedException {
        return once(withBody(path, "POST", body).build());
    }

    public Answer put(String path, JsonNode body) throws InterruptedException {
        return once(withBody(path, "PUT", body).build());
    }

    private HttpRequest.Builder request(String pathAndQuery) {
        return HttpRequest.newBuilder(URI.create(api + pathAndQuery))
                .timeout(WHOLE)
                .header("Accept", "application/json, application/problem+json")
                .header("Authorization", "Bearer " + token);
    }

    private HttpRequest.Builder withBody(String path, String method, JsonNode body) {
        return request(path)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body.toString()));
    }

    private Answer once(HttpRequest request) throws InterruptedException {
        try {
            return carriedOut(exchange(request));
        } catch (IOException e) {
            throw Failures.beforeSending(e) ? Failures.unreachable(api, e) : Failures.outcomeUnknown(api, e);
        }
    }

    private Answer repeating(HttpRequest request, boolean changes) throws InterruptedException {
        boolean perhapsSent = false;
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            try {
                HttpResponse<byte[]> response = exchange(request);
                if (attempt >= TRIES || !isPassing(response.statusCode())) {
                    return carriedOut(response);
                }
                log.debug("{} {} answered {}", request.method(), request.uri(), response.statusCode());
            } catch (IOException e) {
                log.debug("{} {} failed", request.method(), request.uri(), e);
                perhapsSent |= !Failures.beforeSending(e);
                if (attempt >= TRIES || Failures.isTls(e)) {
                    throw changes && perhapsSent ? Failures.outcomeUnknown(api, e) : Failures.unreachable(api, e);
                }
            }
            Thread.sleep(pause.toMillis());
            pause = pause.multipliedBy(3).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(3);
        }
    }

    /** While the API or a proxy before it says that something behind it is away. */
    private static boolean isPassing(int status) {
        return status == 502 || status == 503 || status == 504;
    }

    private HttpResponse<byte[]> exchange(HttpRequest request) throws IOException, InterruptedException {
        return await(http.sendAsync(request, head -> new BoundedBody(LARGEST_ANSWER)));
    }

    /** The request's own time limit may end with the answer's head, so the whole is bounded here. */
    private static <T> T await(CompletableFuture<T> answer) throws IOException, InterruptedException {
        try {
            return answer.get(WHOLE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("No answer in " + WHOLE.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw Failures.asIo(e.getCause() == null ? e : e.getCause());
        } finally {
            answer.cancel(true);
        }
    }

    private Answer carriedOut(HttpResponse<byte[]> response) {
        String body = new String(response.body(), StandardCharsets.UTF_8);
        JsonNode json = json(response, body);
        if (response.statusCode() / 100 != 2) {
            throw Failures.refused(api, response.statusCode(), json);
        }
        return new Answer(response.statusCode(), body, json);
    }

    private JsonNode json(HttpResponse<?> response, String body) {
        String type = response.headers().firstValue("Content-Type").orElse("nothing");
        if (!type.contains("json")) {
            throw Failures.notOurs(api, "status " + response.statusCode() + " with " + type);
        }
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw Failures.notOurs(api, "status " + response.statusCode() + " with damaged JSON");
        }
    }

    /** A text of an event as JSON. */
    public JsonNode read(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw Failures.notOurs(api, "an event with damaged JSON");
        }
    }

    /**
     * Opens a run's stream of events, once.
     *
     * @param after the id of the last event that was received; empty for all
     * @throws IOException if it cannot be opened now
     * @throws CliException what the API says
     */
    public EventStream events(String runId, String after) throws IOException, InterruptedException {
        // Without a time limit of its own, which newer Javas also apply to the body, and this one has no end.
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(api + path("runs", runId, "events")))
                .header("Accept", "text/event-stream, application/problem+json")
                .header("Authorization", "Bearer " + token);
        if (!after.isEmpty()) {
            request.header("Last-Event-ID", after);
        }
        HttpResponse<Flow.Publisher<List<ByteBuffer>>> response =
                await(http.sendAsync(request.GET().build(), HttpResponse.BodyHandlers.ofPublisher()));
        String type = response.headers().firstValue("Content-Type").orElse("");
        if (response.statusCode() == 200 && type.startsWith("text/event-stream")) {
            return new EventStream(response.body());
        }
        BoundedBody body = new BoundedBody(LARGEST_ANSWER);
        response.body().subscribe(body);
        String text = new String(await(body.getBody().toCompletableFuture()), StandardCharsets.UTF_8);
        throw Failures.refused(api, response.statusCode(), json(response, text));
    }
}
