package dev.muster.drivers.traffic.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;

/** Somebody's own program that moves traffic, and does it only for signed requests. */
final class Operator implements AutoCloseable {
    static final byte[] SECRET = "sixteen bytes or more".getBytes(StandardCharsets.US_ASCII);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final Deque<Integer> troubles = new ArrayDeque<>();
    final Deque<String> tokens = new ConcurrentLinkedDeque<>();
    final Deque<JsonNode> bodies = new ConcurrentLinkedDeque<>();
    private volatile String report = "{\"shares\": {\"east\": 100, \"west\": 0}, \"connections\": {\"east\": 7}}";

    /** Answers nothing, after it has done what was asked. */
    static final int SILENCE = -1;

    Operator() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.createContext("/traffic", this::handle);
        server.createContext("/moved", exchange -> {
            exchange.getResponseHeaders().add("Location", change().toString());
            exchange.sendResponseHeaders(307, -1);
            exchange.close();
        });
        server.start();
    }

    URI change() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/traffic?for=app");
    }

    URI elsewhere() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/moved");
    }

    /** The next requests for a change are answered so; nothing is done but for silence. */
    synchronized void trouble(int... statuses) {
        for (int status : statuses) {
            troubles.add(status);
        }
    }

    void report(String text) {
        report = text;
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String signature = exchange.getRequestHeaders().getFirst("Muster-Signature");
        String timestamp = exchange.getRequestHeaders().getFirst("Muster-Timestamp");
        String expected = timestamp == null
                ? ""
                : Signature.of(
                        SECRET,
                        Instant.ofEpochSecond(Long.parseLong(timestamp)),
                        exchange.getRequestMethod(),
                        exchange.getRequestURI().toString(),
                        body);
        if (!expected.equals(signature)) {
            answer(exchange, 401, "signature");
        } else if (exchange.getRequestMethod().equals("GET")) {
            answer(exchange, 200, report);
        } else {
            change(exchange, body);
        }
    }

    private void change(HttpExchange exchange, byte[] body) throws IOException {
        tokens.add(String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key")));
        Integer trouble;
        synchronized (this) {
            trouble = troubles.poll();
        }
        if (trouble == null || trouble == SILENCE) {
            JsonNode asked = JSON.readTree(body);
            bodies.add(asked);
            report = JSON.writeValueAsString(new LinkedHashMap<>(Map.of("shares", asked.get("shares"))));
        }
        if (trouble == null) {
            answer(exchange, 204, "");
        } else if (trouble == SILENCE) {
            exchange.close();
        } else {
            exchange.getResponseHeaders().add("Retry-After", "1");
            answer(exchange, trouble, "trouble");
        }
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
