package dev.muster.drivers.traffic.command;

import dev.muster.drivers.traffic.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/** Runs a program in a process group of its own, for so long, and keeps the end of what it writes. */
final class BoundedProcess {
    private static final List<Path> SETSID = List.of(Path.of("/usr/bin/setsid"), Path.of("/bin/setsid"));
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final Duration BETWEEN_WORDS = Duration.ofSeconds(5);
    private static final int KEPT = 16 << 10;

    private BoundedProcess() {}

    /**
     * @param code absent if it was killed at its bound
     * @param output the end of its standard output
     * @param errors the end of its standard error
     */
    record Ended(Optional<Integer> code, String output, String errors) {}

    /** @throws IOException if it could not be started */
    static Ended run(List<String> command, Map<String, String> environment, Duration bound, Progress progress)
            throws IOException {
        List<String> inGroup = new ArrayList<>(List.of(setsid().toString()));
        inGroup.addAll(command);
        ProcessBuilder builder =
                new ProcessBuilder(inGroup).directory(Path.of("/").toFile());
        // The worker's own environment holds secrets.
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.redirectInput(
                        ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        Tail output = Tail.of(process.getInputStream());
        Tail errors = Tail.of(process.getErrorStream());
        boolean ended = false;
        try {
            ended = awaited(process, bound, progress, command.get(0));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("Interrupted while " + command.get(0) + " ran; it was killed");
        } finally {
            if (!ended) {
                killGroup(process);
            }
        }
        Optional<Integer> code = ended ? Optional.of(process.exitValue()) : Optional.empty();
        return new Ended(code, output.text(), errors.text());
    }

    private static boolean awaited(Process process, Duration bound, Progress progress, String name)
            throws InterruptedException {
        long deadline = System.nanoTime() + bound.toNanos();
        long left = bound.toNanos();
        while (left > 0) {
            if (process.waitFor(Math.min(left, BETWEEN_WORDS.toNanos()), TimeUnit.NANOSECONDS)) {
                return true;
            }
            progress.at(name + " runs");
            left = deadline - System.nanoTime();
        }
        return false;
    }

    private static Path setsid() throws IOException {
        return SETSID.stream()
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IOException("there is no program setsid (util-linux) on this machine"));
    }

    /** setsid made the process the leader of its group. What asks politely first may undo what it began. */
    private static void killGroup(Process process) {
        signal("TERM", process.pid());
        awaitEnd(process);
        signal("KILL", process.pid());
        if (!awaitEnd(process)) {
            throw new IllegalStateException("The process group " + process.pid() + " could not be killed");
        }
    }

    private static boolean awaitEnd(Process process) {
        try {
            return process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }

    private static void signal(String signal, long group) {
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -s " + signal + " -- -" + group)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("The process group " + group + " could not be killed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Reads all, so that the program never waits for a reader, and keeps the end. */
    private static final class Tail {
        private final byte[] ring = new byte[KEPT];
        private final Thread reader;
        private long written;

        private Tail(InputStream stream) {
            reader = new Thread(() -> read(stream), "command-output");
            reader.setDaemon(true);
        }

        static Tail of(InputStream stream) {
            Tail tail = new Tail(stream);
            tail.reader.start();
            return tail;
        }

        private void read(InputStream stream) {
            byte[] buffer = new byte[4 << 10];
            try (stream) {
                for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                    keep(buffer, read);
                }
            } catch (IOException e) {
                // The process was killed; what it wrote before is kept.
            }
        }

        private synchronized void keep(byte[] bytes, int length) {
            for (int index = 0; index < length; index++) {
                ring[(int) (written++ % KEPT)] = bytes[index];
            }
        }

        /** Does not wait for what the program left running in the background and that still holds its output. */
        String text() {
            try {
                reader.join(GRACE.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return kept();
        }

        private synchronized String kept() {
            int length = (int) Math.min(written, KEPT);
            byte[] bytes = new byte[length];
            for (int index = 0; index < length; index++) {
                bytes[index] = ring[(int) ((written - length + index) % KEPT)];
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
