package dev.muster.embedded.process;

import dev.muster.embedded.EmbeddedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A process of this run and how it ends: of its own, asked to, or killed. */
record ChildProcess(String name, Process process, Path log) {
    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

    /** @throws EmbeddedException CHILD_NOT_ENDED */
    int awaitExit(Duration limit) {
        if (!waitFor(limit)) {
            throw new EmbeddedException(
                    "CHILD_NOT_ENDED",
                    name + " (process " + process.pid() + ") did not end within " + limit.toSeconds() + " s",
                    "Read " + log + ".");
        }
        return process.exitValue();
    }

    /** {@code kill -9}: no shutdown hook runs, no file is closed. Returns when the process is gone. */
    void kill() {
        process.destroyForcibly();
        awaitExit(KILL_LIMIT);
    }

    /** Asks it to end (TERM), and kills it when it has not done so within the limit. */
    void stop(Duration limit) {
        // By its handle: Process.destroy() would close the child's standard input as well, and a tether would end it
        // before its shutdown hooks have run.
        process.toHandle().destroy();
        if (!waitFor(limit)) {
            kill();
        }
    }

    private boolean waitFor(Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new EmbeddedException(
                    "INTERRUPTED",
                    "Interrupted while waiting for " + name + "; it was killed",
                    "The run is ending.",
                    e);
        }
    }
}
