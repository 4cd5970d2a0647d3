package dev.muster.drivers.traffic.webhook;

import dev.muster.drivers.traffic.Progress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLHandshakeException;

/** The program at the other end: signed requests, bounded answers. */
final class Receiver {
    private static final Duration BETWEEN_WORDS = Duration.ofSeconds(5);

    private final WebhookSettings settings;
    private final Clock clock;
    private final HttpClient client;

    /** The request may have been acted on. Any other IOException: it was not sent. */
    static final class NoAnswerException extends IOException {
        NoAnswerException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** @param retryAfter zero where nothing is said */
    record Reply(int status, String body, Duration retryAfter) {}

    Receiver(WebhookSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(settings.timeout())
                // An address elsewhere is not the one that was described.
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    Reply post(String body, String token, Progress progress) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return send(
                request(settings.change(), "POST", bytes)
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", token)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(bytes)),
                progress);
    }

    Reply get(URI status) throws IOException {
        return send(request(status, "GET", new byte[0]).GET(), Progress.UNWATCHED);
    }

    private HttpRequest.Builder request(URI uri, String method, byte[] body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(settings.timeout())
                .header("Accept", "application/json")
                .header("User-Agent", "muster");
        Instant now = clock.instant();
        request.header("Muster-Timestamp", Long.toString(now.getEpochSecond()));
        String path = (uri.getRawPath().isEmpty() ? "/" : uri.getRawPath())
                + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
        settings.secret()
                .ifPresent(secret ->
                        request.header("Muster-Signature", Signature.of(secret.bytes(), now, method, path, body)));
        return request;
    }

    private Reply send(HttpRequest.Builder request, Progress progress) throws IOException {
        CompletableFuture<HttpResponse<String>> sent = client.sendAsync(request.build(), head -> new BoundedBody());
        try {
            // The client's own time-out ends with the headers; a body that trickles must end too.
            HttpResponse<String> response = awaited(sent, settings.timeout().multipliedBy(2), progress);
            return new Reply(
                    response.statusCode(),
                    response.body(),
                    retryAfter(response.headers().firstValue("Retry-After").orElse("0")));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException(
                    "Interrupted while waiting for " + settings.change().getHost());
        } catch (TimeoutException e) {
            throw new NoAnswerException("no whole answer in time", e);
        } catch (ExecutionException e) {
            throw failed(e.getCause() == null ? e : e.getCause());
        } finally {
            sent.cancel(true);
        }
    }

    private static <T> T awaited(CompletableFuture<T> sent, Duration bound, Progress progress)
            throws InterruptedException, ExecutionException, TimeoutException {
        long deadline = System.nanoTime() + bound.toNanos();
        while (true) {
            long left = deadline - System.nanoTime();
            try {
                return sent.get(Math.min(Math.max(left, 0), BETWEEN_WORDS.toNanos()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                if (left <= BETWEEN_WORDS.toNanos()) {
                    throw e;
                }
                progress.at("Waiting for the answer");
            }
        }
    }

    private static IOException failed(Throwable cause) {
        // Only these are known to come before the first byte of the request.
        boolean notSent = cause instanceof ConnectException
                || cause instanceof HttpConnectTimeoutException
                || cause instanceof UnresolvedAddressException
                || cause instanceof SSLHandshakeException;
        return notSent
                ? new IOException("no connection: " + cause, cause)
                : new NoAnswerException("no answer: " + cause, cause);
    }

    private static Duration retryAfter(String header) {
        try {
            return Duration.ofSeconds(Math.max(0, Long.parseLong(header.strip())));
        } catch (NumberFormatException e) {
            // The form with a date: the usual wait is as good.
            return Duration.ZERO;
        }
    }
}
