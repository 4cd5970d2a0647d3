package dev.muster.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.storage.StoreUrl;
import dev.muster.storage.retry.InstantTime;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a server that takes it for another year; the JDK's own would always give its own time. */
class StoresClockTest {
    private static final String LOCKING =
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";

    @TempDir
    private Path folder;

    private final List<String> heads = new CopyOnWriteArrayList<>();

    private void serve(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                answer(socket);
            } catch (IOException ended) {
                return;
            }
        }
    }

    private void answer(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return;
            }
            head.append((char) next);
        }
        String request = head.toString().toLowerCase(Locale.ROOT);
        if (request.contains("expect: 100-continue")) {
            socket.getOutputStream().write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        int length = request.contains("\r\ncontent-length: ")
                ? Integer.parseInt(request.split("\r\ncontent-length: ", 2)[1].split("\r\n", 2)[0])
                : 0;
        in.readNBytes(length);
        heads.add(request);
        String body = request.startsWith("get") ? LOCKING : "";
        socket.getOutputStream()
                .write(("HTTP/1.1 200 OK\r\nDate: Wed, 01 Jan 2020 00:00:00 GMT\r\nContent-Length: " + body.length()
                                + "\r\nConnection: close\r\n\r\n" + body)
                        .getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    @DisplayName(
            "Repository and stores 2: a lock is counted from the store's clock; by a machine's that is years ahead it could"
                    + " never be taken back")
    void lockedByTheStoresClock() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> serve(server), "another-year");
            thread.setDaemon(true);
            thread.start();
            Path key = Files.writeString(folder.resolve("key"), "scripted");
            S3Store store = S3Store.unasked(
                    StoreUrl.parse("s3://bucket?path-style=true&access-key=file:" + key + "&secret-key=file:" + key
                            + "&lock=governance&lock-days=2&endpoint=http://127.0.0.1:" + server.getLocalPort()),
                    InstantTime.retries(0));
            store.create("a", new ByteArrayInputStream(new byte[1]));
            assertThat(heads)
                    .filteredOn(head -> head.startsWith("put"))
                    .singleElement()
                    .asString()
                    .containsPattern("x-amz-object-lock-retain-until-date: 2020-01-0[23]");
            Duration wanted = Duration.between(Instant.now(), Instant.parse("2020-01-01T00:00:00Z"));
            assertThat(store.lock().orElseThrow().skew())
                    .isBetween(wanted.minus(Duration.ofMinutes(1)), wanted.plus(Duration.ofMinutes(1)));
        }
    }
}
