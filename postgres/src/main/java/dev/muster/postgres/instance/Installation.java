package dev.muster.postgres.instance;

import dev.muster.postgres.PostgresException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * PostgreSQL's programs on this host, and how this process may run them. PostgreSQL refuses to run as root; a root
 * process runs it in a user namespace of its own (the files stay root's), or as {@code nobody} where namespaces are
 * blocked.
 */
public final class Installation {
    private enum Identity {
        SELF,
        NAMESPACE,
        NOBODY
    }

    private static final String NOBODY_ID = "65534";

    private final Path home;
    private final Identity identity;

    private Installation(Path home, Identity identity) {
        this.home = home;
        this.identity = identity;
    }

    /**
     * @param home the folder that holds {@code bin/postgres}
     * @throws PostgresException POSTGRES_NOT_FOUND if it does not
     */
    public static Installation at(Path home) {
        if (!Files.isExecutable(home.resolve("bin/postgres")) || !Files.isExecutable(home.resolve("bin/pg_ctl"))) {
            throw new PostgresException(
                    "POSTGRES_NOT_FOUND",
                    "No PostgreSQL programs in " + home.resolve("bin"),
                    "Name the folder that holds bin/postgres and bin/pg_ctl, such as /usr/lib/postgresql/18.");
        }
        return new Installation(home, identity());
    }

    private static Identity identity() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Identity.SELF;
        }
        return succeeds(List.of("unshare", "-U", "true")) ? Identity.NAMESPACE : Identity.NOBODY;
    }

    public Path home() {
        return home;
    }

    /** The command line that runs {@code program} as a user that PostgreSQL accepts. */
    public List<String> command(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        switch (identity) {
            case SELF -> {}
            case NAMESPACE -> command.addAll(List.of("unshare", "-U"));
            case NOBODY ->
                command.addAll(List.of("setpriv", "--reuid=" + NOBODY_ID, "--regid=" + NOBODY_ID, "--clear-groups"));
        }
        command.add(home.resolve("bin").resolve(program).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /**
     * Hands a folder and all below it to the user that PostgreSQL runs as, when that is not this process's own. Call it
     * before a start, after files were written by this process.
     */
    public void own(Path folder) {
        if (identity == Identity.NOBODY) {
            run(List.of("chown", "-R", NOBODY_ID + ":" + NOBODY_ID, folder.toString()), Duration.ofMinutes(5));
        }
    }

    /**
     * Runs a program of PostgreSQL to its end.
     *
     * @return what it printed
     * @throws PostgresException POSTGRES_PROGRAM_FAILED with its output, when it fails or takes longer than the limit
     */
    public String run(Duration limit, String program, String... arguments) {
        return run(command(program, arguments), limit);
    }

    private static String run(List<String> command, Duration limit) {
        try {
            // To a file, not a pipe: a server started by pg_ctl inherits the handle and would keep a pipe open for
            // ever.
            Path output = Files.createTempFile("muster-program-", ".out");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                        .start();
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw failed(command, "did not end within " + limit, output, null);
                }
                if (process.exitValue() != 0) {
                    throw failed(command, "ended with exit code " + process.exitValue(), output, null);
                }
                return read(output);
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new PostgresException(
                    "POSTGRES_PROGRAM_FAILED",
                    "Cannot run " + String.join(" ", command),
                    "Is the program there, may this user run it, and is there space for temporary files?",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresException(
                    "INTERRUPTED", "Interrupted while running " + command.get(0), "The worker is stopping.", e);
        }
    }

    private static PostgresException failed(
            List<String> command, String how, Path output, @org.jspecify.annotations.Nullable Throwable cause) {
        String message = String.join(" ", command) + " " + how + ": " + read(output);
        String hint = "Read the program's own words above and the server's log beside the data directory.";
        return cause == null
                ? new PostgresException("POSTGRES_PROGRAM_FAILED", message, hint)
                : new PostgresException("POSTGRES_PROGRAM_FAILED", message, hint, cause);
    }

    private static String read(Path output) {
        try {
            return new String(Files.readAllBytes(output), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "(its output could not be read: " + e.getMessage() + ")";
        }
    }

    private static boolean succeeds(List<String> command) {
        try {
            run(command, Duration.ofSeconds(10));
            return true;
        } catch (PostgresException e) {
            return false;
        }
    }
}
