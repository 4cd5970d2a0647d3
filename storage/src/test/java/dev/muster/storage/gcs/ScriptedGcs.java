package dev.muster.storage.gcs;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * Resumable uploads as Google documents them, with what may go wrong: it keeps only the first 256 KiB of every other chunk
 * and says that it is busy; and it can tell of a wrong checksum.
 */
final class ScriptedGcs implements AutoCloseable {
    private static final int KEPT = 256 << 10;
    private static final Pattern METADATA = Pattern.compile("\"metadata\":\\{[^}]*}");

    private final HttpServer server;
    private final ByteArrayOutputStream stored = new ByteArrayOutputStream();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile String checksum = "";
    private volatile String metadata = "";
    private volatile boolean lying;
    private volatile boolean keepsAll;
    private volatile boolean complete;
    private int chunks;

    ScriptedGcs() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/storage/v1/b/", exchange -> {
            boolean deletes = exchange.getRequestMethod().equals("DELETE");
            if (!deletes && exchange.getRequestURI().getPath().endsWith("/o/a") && !complete) {
                answer(exchange, 404, "");
                return;
            }
            boolean one = exchange.getRequestURI().getPath().matches(".*/o/.+");
            answer(exchange, deletes ? 204 : 200, deletes ? "" : one ? object() : "{\"kind\":\"storage#objects\"}");
        });
        server.createContext("/upload/storage/v1/b/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Matcher sent = METADATA.matcher(body);
            metadata = sent.find() ? sent.group() : "";
            exchange.getResponseHeaders().set("Location", "http://127.0.0.1:" + port() + "/session");
            answer(exchange, 200, "");
        });
        server.createContext("/session", this::chunk);
        server.createContext("/download/", exchange -> {
            exchange.getResponseHeaders().set("x-goog-generation", "1");
            exchange.getResponseHeaders().set("x-goog-hash", "crc32c=" + crc32c() + ",md5=x");
            exchange.getResponseHeaders().set("x-goog-stored-content-length", Integer.toString(stored.size()));
            answer(exchange, 200, stored.toByteArray());
        });
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    byte[] stored() {
        return stored.toByteArray();
    }

    /** What the last chunk said that the whole has. */
    String checksumSent() {
        return checksum;
    }

    List<String> requests() {
        return requests;
    }

    /** From now on the checksums that it tells are not those of what it has. */
    void lie() {
        lying = true;
    }

    /** From now on it keeps the whole of each chunk that it says it is too busy for, and makes no object of them. */
    void keepAll() {
        keepsAll = true;
    }

    private synchronized void chunk(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String range = exchange.getRequestHeaders().getFirst("Content-Range");
        if (!range.startsWith("bytes */")) {
            int from = Integer.parseInt(range.substring("bytes ".length(), range.indexOf('-')));
            if (from != stored.size()) {
                answer(exchange, 400, "expected byte " + stored.size());
                return;
            }
            if (chunks++ % 2 == 0) {
                stored.write(body, 0, keepsAll ? body.length : body.length > KEPT ? KEPT : 0);
                answer(exchange, 503, "busy");
                return;
            }
            stored.writeBytes(body);
        }
        String total = range.substring(range.indexOf('/') + 1);
        complete |= !keepsAll && total.equals(Integer.toString(stored.size()));
        if (complete) {
            checksum = String.valueOf(exchange.getRequestHeaders().getFirst("X-Goog-Hash"));
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            answer(exchange, 200, object());
        } else {
            if (stored.size() > 0) {
                exchange.getResponseHeaders().set("Range", "bytes=0-" + (stored.size() - 1));
            }
            answer(exchange, 308, "");
        }
    }

    private String object() {
        return """
                {"bucket":"bucket", "name":"a", "generation":"1", "updated":"2026-01-01T00:00:00Z", "size":"%d",
                 "crc32c":"%s", %s}""".formatted(stored.size(), crc32c(), metadata);
    }

    private String crc32c() {
        CRC32C crc = new CRC32C();
        crc.update(stored.toByteArray());
        if (lying) {
            crc.update(0);
        }
        return GcsChecksum.text(crc);
    }

    private void answer(HttpExchange exchange, int status, String text) throws IOException {
        answer(exchange, status, text.getBytes(StandardCharsets.UTF_8));
    }

    private void answer(HttpExchange exchange, int status, byte[] bytes) throws IOException {
        try (exchange) {
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
