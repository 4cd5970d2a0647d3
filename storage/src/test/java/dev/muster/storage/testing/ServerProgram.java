package dev.muster.storage.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.opentest4j.TestAbortedException;

/** A server for tests that does not come with Maven, if it is on this machine; it ends with this process. */
public final class ServerProgram {
    private final int port;

    private ServerProgram(int port) {
        this.port = port;
    }

    /**
     * Finds a program: where the environment or a system property says, on the PATH, or where its installer puts it.
     *
     * @param variable such as {@code MUSTER_AZURITE}; the property is {@code muster.azurite}
     * @param usual below the home directory
     * @throws TestAbortedException loudly, if it is not there
     */
    public static Path find(String program, String variable, List<String> usual, String install) {
        return Optional.ofNullable(
                        System.getProperty(variable.toLowerCase(Locale.ROOT).replace('_', '.')))
                .or(() -> Optional.ofNullable(System.getenv(variable)))
                .map(Path::of)
                .or(() -> onPath(program))
                .or(() -> usual.stream()
                        .map(path -> Path.of(System.getProperty("user.home"), path))
                        .filter(Files::isExecutable)
                        .findFirst())
                .orElseThrow(() -> {
                    String loud = "NOT TESTED, NO PROGRAM '" + program + "' HERE. To get it: " + install
                            + "; or say where it is: " + variable + "=/PATH";
                    Thorough.Loud.say(loud);
                    return new TestAbortedException(loud);
                });
    }

    private static Optional<Path> onPath(String program) {
        for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
            Path path = Path.of(folder, program);
            if (!folder.isEmpty() && Files.isExecutable(path)) {
                return Optional.of(path);
            }
        }
        return Optional.empty();
    }

    /**
     * Starts it on a free port of this machine and waits until it answers there.
     *
     * @param folder its own, which goes when this process ends
     */
    public static ServerProgram start(IntFunction<List<String>> command, Map<String, String> environment, Path folder) {
        try {
            int port = freePort();
            ProcessBuilder builder = new ProcessBuilder(command.apply(port))
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("server.log").toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process, folder)));
            Awaitility.await("the server of " + folder)
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> !process.isAlive() || answers(port));
            if (!process.isAlive()) {
                throw new IllegalStateException(
                        "The server ended at once: " + Files.readString(folder.resolve("server.log")));
            }
            return new ServerProgram(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void end(Process process, Path folder) {
        process.destroyForcibly().onExit().join();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            Thorough.Loud.say("The folder " + folder + " stays behind: " + e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean answers(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    public int port() {
        return port;
    }
}
