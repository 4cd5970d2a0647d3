package dev.muster.storage.gcs;

import dev.muster.storage.testing.InstalledProgram;
import dev.muster.storage.testing.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A server that speaks Google Cloud Storage's JSON interface: one for all tests of this process. */
public final class FakeGcs {
    private static final InstalledProgram PROGRAM = InstalledProgram.ofGo(
            "fake-gcs-server", "MUSTER_FAKE_GCS", "go install github.com/fsouza/fake-gcs-server@v1.55.1");

    private final int port;

    private FakeGcs(int port) {
        this.port = port;
    }

    /** Started at the first use. */
    private static final class Running {
        private static final FakeGcs SERVER = start();
    }

    public static FakeGcs running() {
        PROGRAM.require();
        return Running.SERVER;
    }

    private static FakeGcs start() {
        try {
            Path program = PROGRAM.require();
            int port = ServerProcess.freePort();
            ServerProcess.start(
                    List.of(
                            program.toString(),
                            "-scheme",
                            "http",
                            "-host",
                            "127.0.0.1",
                            "-port",
                            Integer.toString(port),
                            "-backend",
                            "memory",
                            "-log-level",
                            "error"),
                    port,
                    Map.of(),
                    Files.createTempDirectory("fake-gcs"));
            return new FakeGcs(port);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    public static String url(int port, String path, String settings) {
        return "gs://" + path + "?endpoint=http://127.0.0.1:" + port + "&retries=3" + settings;
    }

    public void create(String bucket) throws IOException {
        send("POST", "/storage/v1/b?project=muster", "{\"name\":\"" + bucket + "\"}");
    }

    void delete(String bucket) throws IOException {
        send("DELETE", "/storage/v1/b/" + bucket, "");
    }

    void upload(String bucket, String name, String content) throws IOException {
        send("POST", "/upload/storage/v1/b/" + bucket + "/o?uploadType=media&name=" + name, content);
    }

    private void send(String method, String path, String body) throws IOException {
        try {
            HttpResponse<String> response = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                                    .method(method, HttpRequest.BodyPublishers.ofString(body))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw new IOException(method + " " + path + ": " + response.statusCode() + " " + response.body());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
