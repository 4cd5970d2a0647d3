package dev.muster.embedded.process;

import dev.muster.embedded.EmbeddedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/**
 * A Java process of this run, on this JVM's Java and class path, its output in a log file. It ends when this process
 * does, even when this one is killed (see {@link Tether}).
 */
public final class ChildJvm implements AutoCloseable {
    /** An option for a process that works long and hard enough to be worth the JVM's best compiler. */
    public static final String COMPILED_BEST = "-XX:TieredStopAtLevel=4";

    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final long POLL_MILLIS = 20;
    private static final int LOG_LINES_IN_MESSAGES = 15;

    private final String name;
    private final Process process;
    private final Path log;
    private final ChildProcess child;

    private ChildJvm(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.child = new ChildProcess(name, process, log);
    }

    /** What to start. Made by {@link ChildJvm#of}. */
    public static final class Plan {
        private final String name;
        private final String mainClass;
        private final List<String> arguments = new ArrayList<>();
        private final List<String> options = new ArrayList<>();
        private final Map<String, String> environment = new LinkedHashMap<>();
        /** Prefixes of variables that stay here. */
        private final List<String> kept = new ArrayList<>();

        private Plan(String name, String mainClass) {
            this.name = name;
            this.mainClass = mainClass;
        }

        public Plan arguments(String... more) {
            arguments.addAll(List.of(more));
            return this;
        }

        /** Options of the JVM, such as {@code -Xmx256m}. */
        public Plan options(String... more) {
            options.addAll(List.of(more));
            return this;
        }

        /** Set on top of this process's own environment. */
        public Plan environment(String variable, String value) {
            environment.put(variable, value);
            return this;
        }

        /** Keeps what this process's own environment has under this prefix from the child. */
        public Plan withoutEnvironment(String prefix) {
            kept.add(prefix);
            return this;
        }

        /**
         * The whole command line, for somebody else to run: a worker's allow-list, for instance. Without the tether, so
         * the process belongs to whoever starts it; the environment is not part of it.
         */
        public List<String> commandLine() {
            return List.copyOf(commandLine(mainClass));
        }

        private List<String> commandLine(String entry) {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(JvmOptions.forChildren());
            command.addAll(options);
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), entry));
            if (!entry.equals(mainClass)) {
                command.add(mainClass);
            }
            command.addAll(arguments);
            return command;
        }

        /** @throws EmbeddedException CHILD_NOT_STARTED if the process cannot be created */
        public ChildJvm start(Path log) {
            List<String> command = commandLine(Tether.class.getName());
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().keySet().removeIf(name -> kept.stream().anyMatch(name::startsWith));
            builder.environment().putAll(environment);
            try {
                return new ChildJvm(name, builder.start(), log);
            } catch (IOException e) {
                throw new EmbeddedException(
                        "CHILD_NOT_STARTED",
                        "Cannot start " + name + " (" + command.get(0) + " … " + mainClass + ")",
                        "Is there memory for another process, and is " + log.getParent() + " writable?",
                        e);
            }
        }
    }

    /**
     * @param name for messages, such as {@code host worker of orders-main}
     * @param mainClass its {@code main} is called with the arguments
     */
    public static Plan of(String name, String mainClass) {
        return new Plan(name, mainClass);
    }

    public String name() {
        return name;
    }

    public long processId() {
        return process.pid();
    }

    public Path log() {
        return log;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until the child has created the file. Fails as {@link #awaitReady(String, Duration, BooleanSupplier)}. */
    public void awaitReadyFile(Path file, Duration limit) {
        awaitReady(file + " exists", limit, () -> Files.exists(file));
    }

    /** Waits until a line of the log matches. Fails as {@link #awaitReady(String, Duration, BooleanSupplier)}. */
    public void awaitLine(Pattern line, Duration limit) {
        awaitReady(
                "its log has a line like " + line,
                limit,
                () -> line.matcher(readLog()).find());
    }

    /**
     * @throws EmbeddedException CHILD_ENDED when the child ends before it is ready, CHILD_NOT_READY when the limit
     *     passes; both with the end of its log
     */
    public void awaitReady(String condition, Duration limit, BooleanSupplier ready) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!ready.getAsBoolean()) {
            if (!process.isAlive()) {
                // It may have become ready and then ended, as a short program does.
                if (ready.getAsBoolean()) {
                    return;
                }
                throw new EmbeddedException(
                        "CHILD_ENDED",
                        name + " ended with exit code " + process.exitValue() + " before it was ready. Its log ends:\n"
                                + endOfLog(),
                        "Read " + log + ".");
            }
            if (System.nanoTime() - deadline > 0) {
                throw new EmbeddedException(
                        "CHILD_NOT_READY",
                        name + " was not ready within " + limit.toSeconds() + " s (" + condition + "). Its log ends:\n"
                                + endOfLog(),
                        "Read " + log + ". A machine under heavy load may need longer.");
            }
            pause();
        }
    }

    /** Waits for the end of the child. Returns its exit code. */
    public int awaitExit(Duration limit) {
        return child.awaitExit(limit);
    }

    /** {@code kill -9}: no shutdown hook runs, no file is closed. Returns when the process is gone. */
    public void kill() {
        child.kill();
    }

    /** Asks the child to end (TERM), and kills it when it has not done so within the limit. */
    public void stop(Duration limit) {
        child.stop(limit);
    }

    /** {@link #stop} within ten seconds. */
    @Override
    public void close() {
        stop(STOP_LIMIT);
    }

    /** The last lines that the child wrote, without the frames of stack traces: they would push the message out. */
    public String endOfLog() {
        List<String> lines =
                readLog().lines().filter(line -> !line.startsWith("\tat ")).toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES_IN_MESSAGES), lines.size()));
    }

    private String readLog() {
        try {
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + log, e);
        }
    }

    private void pause() {
        try {
            process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedException(
                    "INTERRUPTED", "Interrupted while waiting for " + name, "The run is ending.", e);
        }
    }
}
