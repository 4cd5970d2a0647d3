package dev.muster.activities.place;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.Repository;
import dev.muster.repository.keys.KeyFile;
import dev.muster.runbooks.KeyReference;
import dev.muster.runbooks.SystemDescription;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RepositoriesTest {
    @TempDir
    private Path directory;

    private static ProtectedDatabase in(String store, Path key) throws IOException {
        try (var in = Objects.requireNonNull(
                RepositoriesTest.class.getResourceAsStream("/dev/muster/activities/orders.yaml"))) {
            SystemDescription system = RunbookFiles.read(List.of(
                            new SourceText("orders.yaml", new String(in.readAllBytes(), StandardCharsets.UTF_8))))
                    .systems()
                    .get(0)
                    .system();
            return ProtectedDatabase.of(system, system.databases().get(0))
                    .in(new SystemDescription.RepositoryPlace(
                            "here", "berlin", store, new KeyReference("file:" + key)));
        }
    }

    @Test
    @DisplayName("Repository and stores 6: a store that takes requests and answers none holds up no other repository")
    void oneThatNeverAnswers() throws Exception {
        Path key = directory.resolve("muster.key");
        String folder =
                Files.createDirectory(directory.resolve("store")).toUri().toString();
        Repository.create(Stores.open(folder), KeyFile.generate(key), Clock.systemUTC())
                .close();
        Path secret = Files.writeString(directory.resolve("secret"), "test-only");
        CompletableFuture<Socket> asked = new CompletableFuture<>();
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Repositories repositories = new Repositories()) {
            Thread server = new Thread(() -> accept(silent, asked), "silent store");
            server.setDaemon(true);
            server.start();
            ProtectedDatabase away = in(
                    "s3://bucket/prefix?endpoint=http://127.0.0.1:" + silent.getLocalPort()
                            + "&path-style=true&access-key=file:" + secret + "&secret-key=file:" + secret,
                    key);
            Thread waiting = new Thread(() -> repositories.of(away), "waits for the store");
            waiting.setDaemon(true);
            waiting.setUncaughtExceptionHandler((thread, failure) -> {});
            waiting.start();
            try (Socket connection = asked.get(20, TimeUnit.SECONDS)) {
                assertThat(connection.isConnected()).isTrue();
                ProtectedDatabase near = in(folder, key);
                CompletableFuture<Repository> other = CompletableFuture.supplyAsync(() -> repositories.of(near));
                assertThat(other.get(10, TimeUnit.SECONDS).id()).isNotEmpty();
                assertThat(waiting.isAlive()).isTrue();
            }
        }
    }

    private static void accept(ServerSocket silent, CompletableFuture<Socket> asked) {
        try {
            asked.complete(silent.accept());
        } catch (IOException e) {
            asked.completeExceptionally(e);
        }
    }
}
