package dev.muster.postgres.instance;

import dev.muster.postgres.PostgresException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * A PostgreSQL server process over one data directory. The process is a daemon of its own: it outlives this JVM, and
 * another JVM finds it again by its data directory, so that a killed worker's successor can go on.
 */
public final class Server {
    /** Between the start of the program and its postmaster.pid; longer only if it fails before. */
    private static final Duration PROCESS_ID_LIMIT = Duration.ofSeconds(10);

    private final Installation installation;
    private final Path dataDirectory;
    private final Path log;

    /** @param log where the server writes until its own logging is set up; appended to */
    public Server(Installation installation, Path dataDirectory, Path log) {
        this.installation = installation;
        this.dataDirectory = dataDirectory;
        this.log = log;
    }

    /** Creates an empty cluster with page checksums, superuser {@code superuser}, trust on the loopback only. */
    public static void initialise(Installation installation, Path dataDirectory, String superuser, String... more) {
        List<String> arguments = new java.util.ArrayList<>(List.of(
                "-D",
                dataDirectory.toString(),
                "-U",
                superuser,
                "--encoding=UTF8",
                "--locale=C",
                "--data-checksums",
                "--auth=trust"));
        arguments.addAll(List.of(more));
        try {
            Files.createDirectories(dataDirectory);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot create " + dataDirectory, e);
        }
        installation.own(dataDirectory);
        installation.run(Duration.ofMinutes(2), "initdb", arguments.toArray(String[]::new));
    }

    public Path dataDirectory() {
        return dataDirectory;
    }

    public Path log() {
        return log;
    }

    /**
     * Starts the server and waits until it accepts connections, or returns at once if it runs already.
     *
     * @throws PostgresException POSTGRES_PROGRAM_FAILED if it does not come up within the limit; the message has the
     *     end of its log
     */
    public void start(Duration limit) {
        if (processId().isPresent()) {
            return;
        }
        try {
            installation.run(
                    limit.plusSeconds(5),
                    "pg_ctl",
                    "start",
                    "-D",
                    dataDirectory.toString(),
                    "-l",
                    log.toString(),
                    "-w",
                    "-t",
                    Long.toString(limit.toSeconds()));
        } catch (PostgresException e) {
            throw new PostgresException(
                    e.code(),
                    "PostgreSQL did not start on " + dataDirectory + ". Its log ends: " + endOfLog(),
                    "Read " + log + ".",
                    e);
        }
    }

    /**
     * Starts the server and does not wait until it accepts connections: a server in recovery may take hours. Returns at
     * once if it runs already, and else when it shows its process id; whether it stays up is for the caller to watch.
     *
     * @throws PostgresException POSTGRES_PROGRAM_FAILED if it cannot be started at all
     */
    public void launch() {
        if (processId().isEmpty()) {
            launchProgram();
        }
        long deadline = System.nanoTime() + PROCESS_ID_LIMIT.toNanos();
        while (processId().isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(10_000_000);
        }
    }

    private void launchProgram() {
        installation.run(
                Duration.ofSeconds(30), "pg_ctl", "start", "-D", dataDirectory.toString(), "-l", log.toString(), "-W");
    }

    /** Stops the server ({@code fast}: open transactions are rolled back), or returns at once if it does not run. */
    public void stop(Duration limit) {
        stop("fast", limit);
    }

    /** Stops the server without a checkpoint, as a crash would. Only for copies that nobody needs. */
    public void stopImmediately(Duration limit) {
        stop("immediate", limit);
    }

    private void stop(String mode, Duration limit) {
        if (processId().isEmpty()) {
            return;
        }
        installation.run(
                limit.plusSeconds(5),
                "pg_ctl",
                "stop",
                "-D",
                dataDirectory.toString(),
                "-m",
                mode,
                "-w",
                "-t",
                Long.toString(limit.toSeconds()));
    }

    /** The server's process, if one runs on this data directory; a leftover pid file of a dead one does not count. */
    public Optional<Long> processId() {
        try {
            List<String> lines = Files.readAllLines(dataDirectory.resolve("postmaster.pid"));
            if (lines.isEmpty()) {
                return Optional.empty();
            }
            long id = Long.parseLong(lines.get(0).strip());
            return ProcessHandle.of(id)
                    .filter(ProcessHandle::isAlive)
                    // The number may have been given to a stranger since.
                    .filter(process -> process.info()
                            .commandLine()
                            .map(line -> line.contains(dataDirectory.toString()))
                            .orElse(true))
                    .map(ProcessHandle::pid);
        } catch (NoSuchFileException | NumberFormatException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + dataDirectory.resolve("postmaster.pid"), e);
        }
    }

    /** The last lines of the server's log, for error messages. */
    public String endOfLog() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }
}
