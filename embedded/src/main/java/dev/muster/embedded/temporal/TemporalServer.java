package dev.muster.embedded.temporal;

import dev.muster.embedded.EmbeddedException;
import dev.muster.embedded.process.ChildProgram;
import dev.muster.embedded.process.LoopbackPorts;
import dev.muster.workflows.connection.TemporalConnection;
import dev.muster.workflows.connection.TemporalUnreachableException;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real Temporal server with its web UI on the loopback: the development server of Temporal's command line, all of it
 * in one process and one database file. It has Schedules and visibility, and outlives its own kill: {@link #start} again
 * goes on with the same file on the same ports. It knows no users: for demo, tests and {@code dev} only.
 */
public final class TemporalServer implements AutoCloseable {
    /** How the command line is had where it is missing; the version that the project is tested with. */
    public static final String INSTALL = "go install github.com/temporalio/cli/cmd/temporal@v1.5.1";

    private static final Duration READY = Duration.ofSeconds(60);
    private static final Duration ONE_LOOK = Duration.ofSeconds(2);
    private static final Duration STOP = Duration.ofSeconds(10);
    /** Somebody else may take a port between its choice and the start. */
    private static final int MOST_CHOICES = 3;

    private final Path program;
    private final Path database;
    private final Path log;
    private final int port;
    private final int uiPort;
    private ChildProgram process;

    private TemporalServer(Path program, Path folder, int port, int uiPort) {
        this.program = program;
        this.database = folder.resolve("temporal.db");
        this.log = folder.resolve("temporal.log");
        this.port = port;
        this.uiPort = uiPort;
        this.process = launch();
    }

    /** The program {@code temporal} of the first folder on the PATH that has it. */
    public static Optional<Path> program() {
        return Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "temporal"))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    /**
     * Starts a server with an empty database file in the folder and waits until it serves its namespace
     * {@code default}.
     *
     * @param program as {@link #program} finds it
     * @throws EmbeddedException TEMPORAL_NOT_STARTED with the end of its log
     */
    public static TemporalServer start(Path program, Path folder) {
        for (int choice = 1; ; choice++) {
            List<Integer> ports = LoopbackPorts.free(2);
            TemporalServer server = new TemporalServer(program, folder, ports.get(0), ports.get(1));
            try {
                server.awaitServing();
                return server;
            } catch (EmbeddedException e) {
                server.close();
                if (choice == MOST_CHOICES || !server.process.endOfLog().contains("address already in use")) {
                    throw e;
                }
            }
        }
    }

    private ChildProgram launch() {
        return ChildProgram.start(
                "the Temporal server",
                List.of(
                        program.toString(),
                        "server",
                        "start-dev",
                        "--ip",
                        "127.0.0.1",
                        "--port",
                        String.valueOf(port),
                        "--ui-port",
                        String.valueOf(uiPort),
                        "--db-filename",
                        database.toString(),
                        "--log-level",
                        "error"),
                log);
    }

    private void awaitServing() {
        long deadline = System.nanoTime() + READY.toNanos();
        while (true) {
            try (TemporalConnection answered = TemporalConnection.plain(target(), ONE_LOOK)) {
                return;
            } catch (TemporalUnreachableException e) {
                // Not yet, or its namespace is not there yet.
                if (!process.isAlive() || System.nanoTime() - deadline > 0) {
                    throw new EmbeddedException(
                            "TEMPORAL_NOT_STARTED",
                            "The Temporal server " + (process.isAlive() ? "does not serve" : "ended") + " at "
                                    + target() + ": " + e.getMessage() + ". Its log ends:\n" + process.endOfLog(),
                            "Read " + log + ". Does '" + program + " server start-dev' run by itself?",
                            e);
                }
            }
            pause();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedException(
                    "INTERRUPTED", "Interrupted while the Temporal server starts", "The run is ending.", e);
        }
    }

    /** Host and port for clients: plaintext, namespace {@code default}. */
    public String target() {
        return "127.0.0.1:" + port;
    }

    public String webAddress() {
        return "http://127.0.0.1:" + uiPort;
    }

    public long processId() {
        return process.processId();
    }

    /** {@code kill -9}: nothing is flushed. Returns when the process is gone; its database file stays. */
    public void kill() {
        process.kill();
    }

    /** Starts it again after {@link #kill}, with what its database file has, on the same ports; waits until it serves. */
    public void restart() {
        if (process.isAlive()) {
            throw new IllegalStateException("The Temporal server runs");
        }
        process = launch();
        awaitServing();
    }

    @Override
    public void close() {
        process.stop(STOP);
    }
}
