package dev.muster.drivers.traffic;

import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.opentest4j.TestAbortedException;

/** Servers of this machine that tests start, and that end with them. */
public final class Programs {
    private Programs() {}

    /**
     * Debian keeps servers where users do not look.
     *
     * @throws TestAbortedException loudly, if it is not there
     */
    public static Path find(String program, String install) {
        String folders = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/usr/local/sbin";
        for (String folder : folders.split(":", -1)) {
            Path path = Path.of(folder, program);
            if (!folder.isEmpty() && Files.isExecutable(path)) {
                return path;
            }
        }
        String loud = "NOT TESTED, NO PROGRAM '" + program + "' HERE. To get it: " + install;
        Thorough.Loud.say(loud);
        throw new TestAbortedException(loud);
    }

    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts it and waits until it is ready. */
    public static Process start(List<String> command, Path log, BooleanSupplier ready) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            Awaitility.await(command.get(0))
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> !process.isAlive() || ready.getAsBoolean());
            if (!process.isAlive()) {
                throw new IllegalStateException(command + " ended: " + Files.readString(log));
            }
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void end(Process process) {
        process.destroyForcibly();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException(process + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
