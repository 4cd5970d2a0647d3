package dev.muster.embedded.process;

import dev.muster.embedded.EmbeddedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A program of others that runs for this process, its output in a log file. A guard kills it when this process is gone,
 * even when that was killed: a program that we did not write does not watch over its parent.
 */
public final class ChildProgram {
    private static final int LOG_LINES_IN_MESSAGES = 15;

    private final ChildProcess child;

    private ChildProgram(ChildProcess child) {
        this.child = child;
    }

    /**
     * @param name for messages
     * @param log appended to
     * @throws EmbeddedException CHILD_NOT_STARTED if the process cannot be created
     */
    public static ChildProgram start(String name, List<String> command, Path log) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(new java.io.File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            OrphanGuard guard = OrphanGuard.over(process);
            // At once: its number may be given to another process.
            var unused = process.onExit().thenRun(guard::close);
            return new ChildProgram(new ChildProcess(name, process, log));
        } catch (IOException e) {
            throw new EmbeddedException(
                    "CHILD_NOT_STARTED",
                    "Cannot start " + name + " (" + command.get(0) + ")",
                    "Is there memory for another process, and is " + log.getParent() + " writable?",
                    e);
        }
    }

    public long processId() {
        return child.process().pid();
    }

    public boolean isAlive() {
        return child.process().isAlive();
    }

    /** {@code kill -9}. Returns when the process is gone. */
    public void kill() {
        child.kill();
    }

    /** Asks it to end (TERM), and kills it when it has not done so within the limit. */
    public void stop(Duration limit) {
        child.stop(limit);
    }

    /** The last lines that it wrote. */
    public String endOfLog() {
        try {
            List<String> lines = Files.exists(child.log()) ? Files.readAllLines(child.log()) : List.of();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES_IN_MESSAGES), lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + child.log(), e);
        }
    }
}
