package dev.muster.storage.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A proxy that makes a bad network of a good one. */
public final class Toxiproxy implements AutoCloseable {
    private final ServerProcess process;
    private final int control;
    private final int port;
    private final HttpClient client = HttpClient.newHttpClient();

    private Toxiproxy(ServerProcess process, int control, int port) {
        this.process = process;
        this.control = control;
        this.port = port;
    }

    /** Before a server on this machine, if the program toxiproxy-server is installed. */
    public static Optional<Toxiproxy> before(int server) {
        Optional<Path> program = InstalledProgram.ofGo(
                        "toxiproxy-server",
                        "MUSTER_TOXIPROXY",
                        "go install github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0, and rename the program 'server'")
                .find();
        if (program.isEmpty()) {
            return Optional.empty();
        }
        int control = ServerProcess.freePort();
        int port = ServerProcess.freePort();
        Toxiproxy proxy = new Toxiproxy(
                ServerProcess.start(
                        List.of(program.get().toString(), "-host", "127.0.0.1", "-port", Integer.toString(control)),
                        control),
                control,
                port);
        proxy.post(
                "/proxies",
                "{\"name\":\"s3\",\"enabled\":true,\"listen\":\"127.0.0.1:" + port + "\",\"upstream\":\"127.0.0.1:"
                        + server + "\"}");
        return Optional.of(proxy);
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    /**
     * From now on.
     *
     * @param type such as latency, timeout, limit_data, reset_peer, bandwidth
     * @param stream upstream for what goes to the server, downstream for what comes from it
     * @param toxicity share of connections that have it
     * @param attributes as JSON
     */
    public void add(String type, String stream, double toxicity, String attributes) {
        post(
                "/proxies/s3/toxics",
                "{\"type\":\"" + type + "\",\"stream\":\"" + stream + "\",\"toxicity\":" + toxicity + ",\"attributes\":"
                        + attributes + "}");
    }

    /** All well again. */
    public void heal() {
        post("/reset", "");
    }

    /** Whether connections are accepted. */
    public void enable(boolean enabled) {
        post("/proxies/s3", "{\"enabled\":" + enabled + "}");
    }

    private void post(String path, String json) {
        try {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + control + path))
                            .POST(HttpRequest.BodyPublishers.ofString(json))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() >= 300) {
                throw new IllegalStateException(path + ": " + answer.statusCode() + " " + answer.body());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
