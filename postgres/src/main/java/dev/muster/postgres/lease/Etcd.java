package dev.muster.postgres.lease;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.postgres.PostgresException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * etcd's interface of version 3 as JSON over HTTP, each exchange within a bound, the endpoints in turn. A request that
 * ran out of time may have been carried out: it is sent again to the next endpoint, and the callers' requests bear that.
 */
final class Etcd {
    private static final int UNAUTHENTICATED = 401;
    private static final int LARGEST_ANSWER = 1 << 20;

    private final EtcdSettings settings;
    private final HttpClient client;
    private final ObjectMapper json = new ObjectMapper();
    private volatile int first;
    private volatile @Nullable String token;

    Etcd(EtcdSettings settings) {
        this.settings = settings;
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(settings.exchange());
        settings.tls().ifPresent(tls -> builder.sslContext(tls.context()));
        this.client = builder.build();
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /**
     * @param path such as {@code /v3/kv/txn}
     * @throws PostgresException ETCD_UNREACHABLE: no endpoint answered in time or had a majority, the outcome is unknown;
     *     ETCD_REFUSED: it answered no, and repeating will not help
     */
    JsonNode call(String path, ObjectNode request) {
        StringBuilder troubles = new StringBuilder();
        int start = first;
        int count = settings.endpoints().size();
        for (int attempt = 0; attempt < count; attempt++) {
            int index = (start + attempt) % count;
            URI endpoint = settings.endpoints().get(index);
            try {
                JsonNode answer = authenticated(endpoint, path, request);
                first = index;
                return answer;
            } catch (IOException e) {
                troubles.append(troubles.isEmpty() ? "" : "; ")
                        .append(endpoint)
                        .append(": ")
                        .append(e.getMessage());
            }
        }
        throw new PostgresException(
                "ETCD_UNREACHABLE",
                "No endpoint of etcd carried out " + path + ": " + troubles,
                "Is a majority of its voters up, and can this host reach them?");
    }

    private JsonNode authenticated(URI endpoint, String path, ObjectNode request) throws IOException {
        if (settings.credentials().isEmpty()) {
            return answer(exchange(endpoint, path, request, null));
        }
        String known = token;
        HttpResponse<String> response =
                exchange(endpoint, path, request, known == null ? authenticate(endpoint) : known);
        // A token runs out after minutes, and with a restart of its server.
        if (known != null && isTokenRefused(response)) {
            response = exchange(endpoint, path, request, authenticate(endpoint));
        }
        return answer(response);
    }

    private static boolean isTokenRefused(HttpResponse<String> response) {
        return response.statusCode() == UNAUTHENTICATED || response.body().contains("invalid auth token");
    }

    private String authenticate(URI endpoint) throws IOException {
        EtcdSettings.Credentials credentials = settings.credentials().orElseThrow();
        ObjectNode request = object().put("name", credentials.user()).put("password", credentials.password());
        String made = answer(exchange(endpoint, "/v3/auth/authenticate", request, null))
                .path("token")
                .asText();
        token = made;
        return made;
    }

    private HttpResponse<String> exchange(URI endpoint, String path, ObjectNode request, @Nullable String authorization)
            throws IOException {
        HttpRequest.Builder builder = HttpRequest.newBuilder(endpoint.resolve(path))
                .timeout(settings.exchange())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json.writeValueAsString(request)));
        if (authorization != null) {
            builder.header("Authorization", authorization);
        }
        CompletableFuture<HttpResponse<String>> future =
                client.sendAsync(builder.build(), HttpResponse.BodyHandlers.ofString());
        try {
            // The request's own time-out ends with the answer's head.
            return future.get(settings.exchange().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            future.cancel(true);
            throw new IOException("no answer within " + settings.exchange().toMillis() + " ms", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new IOException(cause == null ? e.toString() : cause.toString(), e);
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private JsonNode answer(HttpResponse<String> response) throws IOException {
        String body = response.body();
        int status = response.statusCode();
        if (status == 200 && body.length() <= LARGEST_ANSWER) {
            return json.readTree(body);
        }
        String said = "status " + status + " " + body.substring(0, Math.min(300, body.length()));
        // 5xx: no leader, a time-out inside, overload. The next one may do better.
        if (status >= 500 || status == 408 || status == 429 || status == 200) {
            throw new IOException(said);
        }
        throw new PostgresException(
                "ETCD_REFUSED",
                "etcd refused the request: " + said,
                "User and password right, allowed to read and write below the prefix, and is it etcd 3.4 or later?");
    }
}
