package dev.muster.activities.recovery;

import dev.muster.activities.CheckFailedException;
import dev.muster.activities.Heartbeats;
import dev.muster.activities.authority.AuthorityRefusedException;
import dev.muster.activities.place.HostPlace;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.restore.RecoveryStatus;
import dev.muster.runbooks.RecoveryPoint;
import dev.muster.runbooks.SystemDescription;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A program of the host's allow-list, run on a copy. It is told where the copy is by its environment and passes by exit
 * code 0; the first line that it prints is its finding.
 */
final class AllowedCommand {
    private static final int LONGEST_FINDING = 500;
    private static final int LONGEST_OUTPUT = 16 * 1024;

    private final CopyOnHost copy;
    private final RecoveryServer server;
    private final HostPlace place;

    AllowedCommand(CopyOnHost copy, RecoveryServer server, HostPlace place) {
        this.copy = copy;
        this.server = server;
        this.place = place;
    }

    /** @param command the entry's name */
    String run(String check, String command, Heartbeats heartbeats) throws IOException, InterruptedException {
        Path program = place.commands().get(command);
        if (program == null) {
            throw new AuthorityRefusedException(
                    "COMMAND_NOT_ALLOWED",
                    "The check '" + check + "' names the command '" + command + "', which this host does not allow.",
                    "Add --command " + command + "=PROGRAM to the host worker, or correct the system's file.");
        }
        Path output = Files.createTempFile(copy.folder(), "command-", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(program.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
            describe(builder.environment());
            Process process = builder.start();
            try {
                while (!process.waitFor(200, TimeUnit.MILLISECONDS)) {
                    heartbeats.check();
                }
            } finally {
                process.destroyForcibly();
            }
            String said = read(output);
            if (process.exitValue() != 0) {
                throw new CheckFailedException(
                        "CHECK_FAILED",
                        "The check '" + check + "' on the copy failed: its command ended with exit code "
                                + process.exitValue() + ": " + firstLine(said) + ".",
                        "The live database was not touched. Run " + program
                                + " by hand against the copy if it is kept.");
            }
            return firstLine(said);
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private void describe(Map<String, String> environment) {
        SystemDescription.Connection live = copy.database().description().connection();
        environment.put("MUSTER_RUN", copy.plan().runId());
        environment.put("MUSTER_COPY_HOST", "127.0.0.1");
        environment.put("MUSTER_COPY_PORT", Integer.toString(server.port()));
        environment.put("MUSTER_COPY_USER", live.user());
        environment.put("MUSTER_COPY_DATABASE", live.database());
        environment.put("MUSTER_TARGET_LSN", target());
    }

    /** Where the plan says, if it says a position; else as far as the copy has come. */
    private String target() {
        if (copy.target().point() instanceof RecoveryPoint.Position position) {
            return position.lsn().toString();
        }
        RecoveryStatus status = server.status();
        return status.replayed()
                .orElseThrow(() -> new IllegalStateException("The copy does not say how far it was replayed"))
                .toString();
    }

    private static String read(Path output) throws IOException {
        try (InputStream in = Files.newInputStream(output)) {
            return new String(in.readNBytes(LONGEST_OUTPUT), StandardCharsets.UTF_8);
        }
    }

    private static String firstLine(String said) {
        String line = said.strip().lines().findFirst().orElse("(it printed nothing)");
        return line.length() <= LONGEST_FINDING ? line : line.substring(0, LONGEST_FINDING) + "…";
    }
}
