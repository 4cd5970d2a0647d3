package dev.muster.postgres.fence;

import dev.muster.postgres.PostgresException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Cuts a member off from outside, by a program that this host allows: power, hypervisor, cloud. It is told the order by
 * its environment, which else is empty but for PATH: {@code MUSTER_MEMBER}, {@code MUSTER_EPOCH}, {@code MUSTER_RUN} and
 * {@code MUSTER_REASON}. It must be repeatable, and end with 0 only when the member can no longer write.
 */
public final class ExternalFence {
    private static final Path SETSID = Path.of("/usr/bin/setsid");
    private static final int LONGEST_OUTPUT = 2000;

    private final Map<String, List<String>> allowed;

    /** @param allowed by name, a program's absolute path and its arguments */
    public ExternalFence(Map<String, List<String>> allowed) {
        this.allowed = Map.copyOf(allowed);
        this.allowed.forEach((name, command) -> {
            if (command.isEmpty() || !Path.of(command.get(0)).isAbsolute()) {
                throw refused(name, "has no absolute path", "Name the program by its whole path.");
            }
        });
    }

    /** What is known after the command. */
    public enum Outcome {
        /** Exit code 0. */
        PROVED,
        /** Another exit code: it says itself that the member is not cut off. */
        NOT_FENCED,
        /** Killed at its time-out, or by a signal: the member may be cut off or not. Never proof. */
        UNKNOWN
    }

    /**
     * @param exitCode -1 if it was killed
     * @param output the end of what it printed
     */
    public record Result(Outcome outcome, int exitCode, String output, Duration took) {}

    /**
     * Runs the command to its end or its time-out.
     *
     * @throws PostgresException FENCE_COMMAND_REFUSED: it was not run
     */
    public Result fence(String command, String member, FenceOrder order, Duration limit) {
        List<String> program = allowed.get(command);
        if (program == null) {
            throw refused(command, "is not in this host's allow-list", "Add it to the worker's commands.");
        }
        requireSafe(command, Path.of(program.get(0)));
        FenceOrder.line("member", member);
        long start = System.nanoTime();
        try {
            Path output = Files.createTempFile("muster-fence-", ".out");
            try {
                Process process = started(program, member, order, output);
                boolean ended = awaited(process, limit);
                int code = ended ? process.exitValue() : -1;
                return new Result(outcome(ended, code), code, end(output), Duration.ofNanos(System.nanoTime() - start));
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new PostgresException(
                    "FENCE_COMMAND_REFUSED",
                    "The fence's command " + command + " could not be started",
                    "Is it there, is it a program for this machine, and is util-linux (setsid) installed?",
                    e);
        }
    }

    private static Outcome outcome(boolean ended, int code) {
        if (ended && code == 0) {
            return Outcome.PROVED;
        }
        // Above 128 a signal ended it: somebody else's kill says nothing about the member.
        return ended && code <= 128 ? Outcome.NOT_FENCED : Outcome.UNKNOWN;
    }

    private static Process started(List<String> program, String member, FenceOrder order, Path output)
            throws IOException {
        List<String> inGroup = new ArrayList<>(List.of(SETSID.toString()));
        inGroup.addAll(program);
        ProcessBuilder builder = new ProcessBuilder(inGroup)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        // The worker's own environment holds secrets.
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        builder.environment().put("MUSTER_MEMBER", member);
        builder.environment().put("MUSTER_EPOCH", Long.toString(order.epoch()));
        builder.environment().put("MUSTER_RUN", order.run());
        builder.environment().put("MUSTER_REASON", order.reason());
        return builder.start();
    }

    private static boolean awaited(Process process, Duration limit) {
        boolean ended = false;
        try {
            ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            // The whole group: what it called would go on otherwise, and meet the next attempt.
            Processes.signalGroup("KILL", process.pid());
        }
        return ended;
    }

    private static String end(Path output) throws IOException {
        byte[] bytes = Files.readAllBytes(output);
        int from = Math.max(0, bytes.length - LONGEST_OUTPUT);
        return new String(Arrays.copyOfRange(bytes, from, bytes.length), StandardCharsets.UTF_8).strip();
    }

    /** Whoever may write the program, or put another in its place, runs what he likes as this worker. */
    private static void requireSafe(String command, Path program) {
        if (!Files.isRegularFile(program, LinkOption.NOFOLLOW_LINKS) || !Files.isExecutable(program)) {
            throw refused(command, "is not there, is no plain file, or cannot be run: " + program, "Look at it.");
        }
        try {
            for (Path path : List.of(program, program.resolveSibling("."))) {
                Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
                if (permissions.contains(PosixFilePermission.OTHERS_WRITE)
                        || permissions.contains(PosixFilePermission.GROUP_WRITE)) {
                    throw refused(command, "can be replaced by others than its owner: " + path, "chmod go-w " + path);
                }
            }
        } catch (IOException e) {
            throw refused(command, "cannot be looked at: " + e.getMessage(), "Look at " + program + ".");
        }
    }

    private static PostgresException refused(String command, String why, String hint) {
        return new PostgresException(
                "FENCE_COMMAND_REFUSED", "The fence's command " + command + " " + why, hint + " It was not run.");
    }
}
