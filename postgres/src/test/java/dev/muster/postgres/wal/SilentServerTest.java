package dev.muster.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.postgres.TestCluster;
import dev.muster.postgres.replication.ServerAddress;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose host or network dies without a word. */
class SilentServerTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    /** A network in front of a server: whatever is connected when it breaks is never heard again. */
    private static final class Network implements AutoCloseable {
        private final ServerSocket entry = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        private final int server;
        private final List<Socket> sockets = new CopyOnWriteArrayList<>();
        private volatile AtomicBoolean broken = new AtomicBoolean();

        Network(int server) throws IOException {
            this.server = server;
            start(this::accept);
        }

        private static void start(Runnable task) {
            Thread thread = new Thread(task, "network");
            thread.setDaemon(true);
            thread.start();
        }

        private void accept() {
            try {
                while (true) {
                    Socket client = entry.accept();
                    Socket onward = new Socket(InetAddress.getLoopbackAddress(), server);
                    sockets.addAll(List.of(client, onward));
                    AtomicBoolean cut = broken;
                    start(() -> forward(client, onward, cut));
                    start(() -> forward(onward, client, cut));
                }
            } catch (IOException e) {
                // Closed.
            }
        }

        private static void forward(Socket from, Socket to, AtomicBoolean cut) {
            byte[] buffer = new byte[1 << 16];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    if (!cut.get()) {
                        out.write(buffer, 0, read);
                    }
                }
            } catch (IOException e) {
                // Closed.
            }
        }

        void cutWhatIsConnected() {
            broken.set(true);
            broken = new AtomicBoolean();
        }

        @Override
        public void close() throws IOException {
            entry.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void aServerThatFallsSilentIsConnectedAnewAndAnIdleOneIsNot() throws Exception {
        Files.createDirectories(folder.resolve("store"));
        StoreWal store =
                new StoreWal(Stores.open("file://" + folder.resolve("store").toAbsolutePath()));
        WalReceiver.Settings settings = new WalReceiver.Settings(
                "muster",
                Duration.ofMillis(100),
                1 << 20,
                Duration.ofMillis(50),
                Duration.ofMillis(200),
                false,
                Duration.ofSeconds(2));
        try (TestCluster cluster = TestCluster.start(folder.resolve("cluster"), 1, "autovacuum = off");
                Network network = new Network(cluster.port());
                WalReceiver receiver = new WalReceiver(
                        ServerAddress.trusted("127.0.0.1", network.entry.getLocalPort(), "postgres"),
                        (systemId, size) -> new WalArchive(store, "orders-main", systemId, size),
                        settings,
                        Clock.systemUTC())) {
            receiver.start();
            assertThat(receiver.awaitDurable(cluster.flushed(), LIMIT)).isTrue();
            // Idle for longer than the silence that is allowed, and heard all the same.
            await().during(Duration.ofSeconds(4))
                    .atMost(LIMIT)
                    .until(() -> receiver.status().state() == WalReceiver.State.STREAMING
                            && receiver.status().lastError().isEmpty());
            network.cutWhatIsConnected();
            cluster.execute(
                    "select pg_terminate_backend(pid) from pg_stat_replication",
                    "create table t as select generate_series(1, 1000) n");
            assertThat(receiver.awaitDurable(cluster.flushed(), LIMIT)).isTrue();
            assertThat(receiver.status().lastError().orElseThrow().code()).isEqualTo("SERVER_TIMEOUT");
        }
    }
}
