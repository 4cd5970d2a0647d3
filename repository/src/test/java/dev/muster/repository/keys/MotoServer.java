package dev.muster.repository.keys;

import dev.muster.storage.testing.Thorough;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.awaitility.Awaitility;

/** The program {@code moto_server}, which speaks the protocol of AWS KMS and really encrypts. */
final class MotoServer implements AutoCloseable {
    static final String INSTALL = "pip install 'moto[server]==5.2.1'";
    private static final String PROGRAM = "moto_server";

    private final int port;
    private final Process process;

    private MotoServer(int port, Process process) {
        this.port = port;
        this.process = process;
    }

    /** Says loudly if it is not. */
    static boolean installed() {
        boolean found = Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, PROGRAM)));
        if (!found) {
            Thorough.Loud.say(
                    "NO PROGRAM '" + PROGRAM + "' ON THE PATH: AWS KMS WAS NOT TESTED. To have it: " + INSTALL);
        }
        return found;
    }

    static MotoServer start(Path log) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Process process = new ProcessBuilder(PROGRAM, "-H", "127.0.0.1", "-p", Integer.toString(port))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        MotoServer server = new MotoServer(port, process);
        try {
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(server::answers);
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    private boolean answers() {
        if (!process.isAlive()) {
            throw new IllegalStateException(PROGRAM + " ended at once");
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
    }
}
