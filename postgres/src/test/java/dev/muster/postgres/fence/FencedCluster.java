package dev.muster.postgres.fence;

import dev.muster.postgres.NewCluster;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.instance.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A cluster whose PostgreSQL is started by the starter, as systemd would. */
public final class FencedCluster implements AutoCloseable {
    private final Path data;
    private final Path log;
    private final int port;
    private final FenceFolder fences;
    private final HostServer server;
    private final HostFence fence;

    public FencedCluster(Path folder, boolean leaseRequired) throws IOException {
        data = folder.resolve("data");
        log = folder.resolve("log");
        port = TestCluster.freePort();
        NewCluster.at(TestCluster.installation(), data, 16);
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "listen_addresses = '127.0.0.1'\nport = " + port
                        + "\nunix_socket_directories = ''\nfsync = off\nshared_buffers = 8MB\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING);
        fences = new FenceFolder(folder.resolve("fence of main"));
        fences.install(data, leaseRequired);
        server = new HostServer(fences, data, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        fence = new HostFence(fences, server, Clock.systemUTC());
    }

    public FenceFolder folder() {
        return fences;
    }

    public HostServer server() {
        return server;
    }

    public HostFence fence() {
        return fence;
    }

    public int port() {
        return port;
    }

    public Path data() {
        return data;
    }

    /** Starts the starter; what it becomes is for the caller to see. */
    public Process start() throws IOException {
        List<String> command = new ArrayList<>(List.of(fences.starter().toString()));
        command.addAll(TestCluster.installation().command("postgres", "-D", data.toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** Its exit code, where it must not start anything. */
    public int refused() throws IOException, InterruptedException {
        Process process = start();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("The starter did not refuse: " + log());
        }
        return process.exitValue();
    }

    public Process startAndAwait() throws IOException {
        Process process = start();
        awaitConnections();
        return process;
    }

    /** Past the starter, as a person does by hand. */
    public void startByHand() {
        new Server(TestCluster.installation(), data, log).start(Duration.ofSeconds(30));
    }

    public void awaitConnections() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .until(() -> {
                    connect().close();
                    return true;
                });
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres?connectTimeout=2&socketTimeout=20", "postgres", "");
    }

    public String log() throws IOException {
        return Files.exists(log) ? Files.readString(log) : "";
    }

    @Override
    public void close() {
        server.stop(new StopBounds(Duration.ZERO, Duration.ofSeconds(3), Duration.ofSeconds(5)));
    }
}
