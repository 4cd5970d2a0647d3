package dev.muster.drivers.traffic.haproxy;

import dev.muster.drivers.traffic.Programs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/** A real HAProxy in front of two sites, with its runtime API on a UNIX socket and on TCP. */
final class LoadBalancer implements AutoCloseable {
    private final Path folder;
    private final int front = Programs.freePort();
    private final int runtime = Programs.freePort();
    private Process process;

    /** @param extra lines in the backend */
    LoadBalancer(Path folder, NamedServer east, NamedServer west, String extra) throws IOException {
        this.folder = Files.createDirectories(folder);
        Files.writeString(
                folder.resolve("haproxy.cfg"), """
                global
                  stats socket %1$s/admin mode 600 level admin
                  stats socket %1$s/operator mode 600 level operator
                  stats socket ipv4@127.0.0.1:%2$d level admin
                  server-state-file %1$s/state
                  nbthread 1
                  hard-stop-after 2s
                defaults
                  mode tcp
                  timeout connect 1s
                  timeout client 60s
                  timeout server 60s
                frontend entry
                  bind 127.0.0.1:%3$d
                  default_backend db
                backend db
                  server east1 127.0.0.1:%4$d weight 10
                  server west1 127.0.0.1:%5$d weight 10 disabled
                %6$s
                """.formatted(folder, runtime, front, east.port(), west.port(), extra));
        process = launch();
    }

    private Process launch() {
        Path program = Programs.find("haproxy", "apt-get install haproxy");
        return Programs.start(
                List.of(
                        program.toString(),
                        "-W",
                        "-db",
                        "-f",
                        folder.resolve("haproxy.cfg").toString()),
                folder.resolve("log"),
                this::answers);
    }

    private boolean answers() {
        try {
            return new RuntimeApi(tcp(), Duration.ofSeconds(1)).ask("show info").contains("Uptime");
        } catch (IOException e) {
            return false;
        }
    }

    String admin() {
        return "unix:" + folder.resolve("admin");
    }

    String operator() {
        return "unix:" + folder.resolve("operator");
    }

    String tcp() {
        return "tcp:127.0.0.1:" + runtime;
    }

    String ask(String command) throws IOException {
        return new RuntimeApi(admin(), Duration.ofSeconds(5)).ask(command);
    }

    /** A client that stays, and which site it reached. */
    record Client(Socket socket, BufferedReader reader, String site) implements AutoCloseable {
        /** Whether the other end closed it, found out by waiting for a short time. */
        boolean isEnded() throws IOException {
            socket.setSoTimeout(100);
            try {
                return reader.read() < 0;
            } catch (java.net.SocketTimeoutException e) {
                return false;
            } catch (java.net.SocketException e) {
                return true;
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** Site "" where nobody serves. */
    Client connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), front);
        socket.setSoTimeout(10_000);
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        try {
            String line = reader.readLine();
            return new Client(socket, reader, line == null ? "" : line);
        } catch (java.net.SocketException e) {
            return new Client(socket, reader, "");
        }
    }

    String reached() throws IOException {
        try (Client client = connect()) {
            return client.site();
        }
    }

    /** As an administrator does; the servers' states at run time are lost. */
    void reload() throws Exception {
        String before = pid();
        new ProcessBuilder("kill", "-USR2", Long.toString(process.pid()))
                .start()
                .waitFor();
        Awaitility.await("the reload").atMost(Duration.ofSeconds(30)).until(() -> {
            try {
                return !pid().equals(before);
            } catch (IOException e) {
                return false;
            }
        });
    }

    /** As a service does that wants them back after its reload. */
    void writeStates() throws IOException {
        Files.writeString(folder.resolve("state"), ask("show servers state") + "\n");
    }

    private String pid() throws IOException {
        return ask("show info")
                .lines()
                .filter(line -> line.startsWith("Pid:"))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        Programs.end(process);
    }
}
