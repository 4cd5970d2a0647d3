package dev.muster.embedded.process;

import dev.muster.embedded.EmbeddedException;
import dev.muster.postgres.instance.Installation;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Ends what does not watch over its parent when this process dies without doing it: the PostgreSQL servers below a folder,
 * which are daemons, or a program of others. A small shell waits for the end of a pipe from here, as {@link Tether} does
 * in JVMs.
 */
public final class OrphanGuard implements AutoCloseable {
    /** First argument: the folder. Then the command line of pg_ctl. Ctrl-C reaches the shell too, and must not end it. */
    private static final String SCRIPT = """
            trap '' INT TERM HUP
            folder=$1; shift
            read -r word
            [ "$word" = done ] && exit 0
            find "$folder" -name postmaster.pid -type f 2>/dev/null | while read -r pid_file; do
                "$@" stop -m immediate -D "${pid_file%/postmaster.pid}" </dev/null >/dev/null 2>&1
            done
            """;

    /** The argument: the number of the process. */
    private static final String KILL_SCRIPT = """
            trap '' INT TERM HUP
            read -r word
            [ "$word" = done ] || kill -9 "$1"
            """;

    private static final Duration END_LIMIT = Duration.ofSeconds(5);

    private final Process shell;

    private OrphanGuard(Process shell) {
        this.shell = shell;
    }

    /** Watches over the servers whose data directories are anywhere below the folder, also those created later. */
    public static OrphanGuard over(Path folder, Installation installation) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", SCRIPT, "muster-orphan-guard", folder.toString()));
        command.addAll(installation.command("pg_ctl"));
        return start(command);
    }

    /** Kills the process; to be closed as soon as that has ended. */
    static OrphanGuard over(Process process) {
        return start(List.of("sh", "-c", KILL_SCRIPT, "muster-orphan-guard", String.valueOf(process.pid())));
    }

    private static OrphanGuard start(List<String> command) {
        try {
            return new OrphanGuard(new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start());
        } catch (IOException e) {
            throw new EmbeddedException(
                    "CHILD_NOT_STARTED", "Cannot start a shell (sh)", "Is there a POSIX shell on the PATH?", e);
        }
    }

    /** What it watches over has ended otherwise: ends the guard without touching anything. */
    @Override
    public void close() {
        try (OutputStream pipe = shell.getOutputStream()) {
            pipe.write("done\n".getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // The shell is gone already.
        }
        try {
            if (!shell.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                shell.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
