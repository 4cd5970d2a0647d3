package dev.muster.storage.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.muster.storage.StoreUrl;
import dev.muster.storage.retry.InstantTime;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Gives the answers that no real server gives on demand: to each request the next one of a script. */
final class ScriptedS3 implements AutoCloseable {
    /** What to do with a request. */
    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final List<Answer> script = new ArrayList<>();
    private final List<String> requests = new ArrayList<>();
    private @Nullable String writer;

    ScriptedS3() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(executor);
        server.start();
    }

    /** A store at this server. */
    S3Store store(Path folder, int retries) throws IOException {
        Path key = Files.writeString(folder.resolve("key"), "scripted");
        return S3Store.unasked(
                StoreUrl.parse("s3://bucket?path-style=true&access-key=file:" + key + "&secret-key=file:" + key
                        + "&read-timeout=2s&endpoint=http://127.0.0.1:"
                        + server.getAddress().getPort()),
                InstantTime.retries(retries));
    }

    synchronized ScriptedS3 then(Answer answer) {
        script.add(answer);
        return this;
    }

    /** Method and what of its headers matters. */
    synchronized List<String> requests() {
        return List.copyOf(requests);
    }

    private void handle(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        Answer answer;
        synchronized (this) {
            requests.add(exchange.getRequestMethod()
                    + header(exchange, "If-None-Match")
                    + header(exchange, "If-Match")
                    + header(exchange, "Range"));
            if (exchange.getRequestHeaders().containsKey("X-amz-meta-muster-writer")) {
                writer = exchange.getRequestHeaders().getFirst("X-amz-meta-muster-writer");
            }
            answer = script.isEmpty() ? error(500, "ScriptIsOver") : script.remove(0);
        }
        answer.to(exchange);
        exchange.close();
    }

    private static String header(HttpExchange exchange, String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name))
                .map(value -> " " + name + ": " + value)
                .orElse("");
    }

    static Answer error(int status, String code) {
        return exchange -> body(
                exchange,
                status,
                ("<Error><Code>" + code + "</Code><Message>m</Message></Error>").getBytes(StandardCharsets.UTF_8));
    }

    static Answer ok(String body) {
        return exchange -> body(exchange, 200, body.getBytes(StandardCharsets.UTF_8));
    }

    /** The connection ends without an answer. */
    static Answer nothing() {
        return exchange -> {};
    }

    /** Bytes under an ETag, with a range's header if there is one; only so many of them really come. */
    static Answer content(int status, String etag, @Nullable String range, int length, byte[] sent) {
        return exchange -> {
            exchange.getResponseHeaders().add("ETag", etag);
            if (range != null) {
                exchange.getResponseHeaders().add("Content-Range", range);
            }
            exchange.sendResponseHeaders(status, length);
            OutputStream out = exchange.getResponseBody();
            out.write(sent);
            out.flush();
        };
    }

    /** HEAD of an object that was stored by the last writer, or by somebody else. */
    Answer head(boolean ours) {
        return exchange -> {
            synchronized (this) {
                Map<String, String> headers = Map.of(
                        "x-amz-meta-muster-writer",
                        ours ? String.valueOf(writer) : "somebody-else",
                        "Last-Modified",
                        "Sat, 21 Nov 2026 20:00:00 GMT",
                        "Content-Length",
                        "1");
                headers.forEach((name, value) -> exchange.getResponseHeaders().add(name, value));
            }
            exchange.sendResponseHeaders(200, -1);
        };
    }

    private static void body(HttpExchange exchange, int status, byte[] body) throws IOException {
        boolean bodiless = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, bodiless ? -1 : body.length == 0 ? -1 : body.length);
        if (!bodiless) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}
