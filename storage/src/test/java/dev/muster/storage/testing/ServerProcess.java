package dev.muster.storage.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A server that tests start as a process of its own, and that ends with them. */
public final class ServerProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final int LINES_KEPT = 50;

    private final Process process;
    private final Deque<String> said = new ArrayDeque<>();
    private final Thread atEnd;

    private ServerProcess(Process process, Runnable afterwards) {
        this.process = process;
        this.atEnd = new Thread(() -> {
            process.destroyForcibly().onExit().join();
            afterwards.run();
        });
        Runtime.getRuntime().addShutdownHook(atEnd);
    }

    /** Starts it and waits until it accepts connections. */
    static ServerProcess start(List<String> command, int port) {
        return awaitAnswer(new ServerProcess(launch(new ProcessBuilder(command)), () -> {}), port);
    }

    /** The same in a folder of its own, which goes with it when this process ends. */
    public static ServerProcess start(List<String> command, int port, Map<String, String> environment, Path folder) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().putAll(environment);
        return awaitAnswer(new ServerProcess(launch(builder), () -> remove(folder)), port);
    }

    private static ServerProcess awaitAnswer(ServerProcess server, int port) {
        CompletableFuture<String> ended = server.follow(Pattern.compile("(?!)"));
        Awaitility.await().atMost(START).pollInterval(Duration.ofMillis(20)).until(() -> {
            if (ended.isDone()) {
                throw new IllegalStateException("It ended: " + server.said());
            }
            return accepts(port);
        });
        return server;
    }

    /** A server, and what its first line that matches says. */
    record Started(ServerProcess server, String found) {}

    static Started start(List<String> command, Pattern line) {
        ServerProcess server = new ServerProcess(launch(new ProcessBuilder(command)), () -> {});
        try {
            return new Started(server, server.follow(line).get(START.toSeconds(), TimeUnit.SECONDS));
        } catch (Exception e) {
            server.close();
            throw new IllegalStateException("It did not start: " + command + "\n" + server.said(), e);
        }
    }

    private static Process launch(ProcessBuilder builder) {
        try {
            return builder.redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private CompletableFuture<String> follow(Pattern line) {
        CompletableFuture<String> found = new CompletableFuture<>();
        Thread reader = new Thread(() -> {
            try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
                for (String text = output.readLine(); text != null; text = output.readLine()) {
                    synchronized (said) {
                        said.addLast(text);
                        if (said.size() > LINES_KEPT) {
                            said.removeFirst();
                        }
                    }
                    Matcher matcher = line.matcher(text);
                    if (matcher.find()) {
                        found.complete(matcher.group(1));
                    }
                }
                found.completeExceptionally(new IllegalStateException("It ended"));
            } catch (IOException e) {
                found.completeExceptionally(e);
            }
        });
        reader.setDaemon(true);
        reader.start();
        return found;
    }

    private String said() {
        synchronized (said) {
            return String.join("\n", said);
        }
    }

    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static void remove(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            Thorough.Loud.say("The folder " + folder + " stays behind: " + e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        Runtime.getRuntime().removeShutdownHook(atEnd);
    }
}
