package dev.muster.e2e;

import static dev.muster.e2e.ProtectedOrders.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.catalog.Role;
import dev.muster.cli.ExitCode;
import dev.muster.embedded.Main;
import dev.muster.embedded.stack.TemporalChoice;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Schedules from the command line through the API to a real Temporal server, whose runs are real backups. */
@NeedsTemporal
@Timeout(240)
class SchedulesOnServerTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NIGHTLY = "orders/nightly";

    private final Path folder;
    private final ApiBesideOrders world;

    private record Said(int exitCode, String out, String err) {
        Said expect(int code) {
            assertThat(exitCode).as(out + err).isEqualTo(code);
            return this;
        }

        JsonNode json() throws IOException {
            return JSON.readTree(out);
        }
    }

    SchedulesOnServerTest(@TempDir Path folder) throws Exception {
        this.folder = folder;
        world = new ApiBesideOrders(folder, TemporalChoice.SERVER);
        context("viewer", world.token("vera", null, Role.VIEWER));
        context("operator", world.token("olga", null, Role.OPERATOR));
    }

    @AfterEach
    void end() {
        world.close();
    }

    private void context(String name, Path token) {
        muster("context", "add", name, "--api", world.uri(), "--token", "file:" + token, "--config", config())
                .expect(ExitCode.SUCCESS);
    }

    private String config() {
        return folder.resolve("contexts.json").toString();
    }

    private static Said muster(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine =
                Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return new Said(commandLine.execute(arguments), out.toString(), err.toString());
    }

    private Said as(String context, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add(0, "schedules");
        all.addAll(List.of("--context", context, "--config", config()));
        return muster(all.toArray(String[]::new));
    }

    private Said apply(String... more) throws IOException {
        Path file = Files.writeString(folder.resolve("nightly.yaml"), """
                apiVersion: muster/v1
                kind: Schedule
                metadata: {name: nightly}
                spec:
                  runbook: shipped:backup
                  cron: ["30 1 * * *"]
                  timeZone: UTC
                """);
        List<String> all = new ArrayList<>(List.of(
                "apply",
                file.toString(),
                "--system",
                world.orders.stack().systemFile().toString()));
        all.addAll(List.of(more));
        return as("operator", all.toArray(String[]::new));
    }

    @Test
    void fromAFileToABackupInTheLogAndInTheListOfRuns() throws Exception {
        assertThat(apply("--dry-run").expect(ExitCode.SUCCESS).out())
                .contains("CREATE  " + NIGHTLY, "1 to change. Nothing was done.");
        assertThat(apply().expect(ExitCode.SUCCESS).err()).contains("Over the API at " + world.uri());
        assertThat(apply().expect(ExitCode.SUCCESS).out()).contains("UNCHANGED  " + NIGHTLY);

        as("viewer", "trigger", NIGHTLY).expect(ExitCode.NOT_ALLOWED);
        as("operator", "trigger", NIGHTLY).expect(ExitCode.SUCCESS);
        JsonNode log = eventually("the log has the backup")
                .until(
                        () -> as("viewer", "executions", NIGHTLY, "-o", "json")
                                .expect(ExitCode.SUCCESS)
                                .json(),
                        shown -> shown.path("executions")
                                .path(0)
                                .path("outcome")
                                .asText()
                                .equals("SUCCEEDED"));
        assertThat(log.path("executions")).hasSize(1);
        String run = log.path("executions").path(0).path("runId").asText();
        JsonNode runs = eventually("the run is in the catalogue")
                .until(
                        () -> muster("runs", "list", "--schedule", NIGHTLY, "-o", "json", "--config", config())
                                .json()
                                .path("runs"),
                        shown -> shown.path(0).path("verdict").asText().equals("SUCCEEDED"));
        assertThat(runs.path(0).path("id").asText()).isEqualTo(run);
        assertThat(runs.path(0).path("requester").asText()).isEqualTo("schedule:" + NIGHTLY);
        assertThat(as("viewer", "list", NIGHTLY).expect(ExitCode.SUCCESS).out()).contains("SUCCEEDED  run " + run);

        as("operator", "pause", NIGHTLY, "--note", "the disk is full").expect(ExitCode.SUCCESS);
        assertThat(as("viewer", "list", "--system", "orders")
                        .expect(ExitCode.SUCCESS)
                        .out())
                .contains("paused: olga: the disk is full");
        as("operator", "resume", NIGHTLY, "--note", "mended").expect(ExitCode.SUCCESS);
        assertThat(as("viewer", "list", NIGHTLY, "-o", "json")
                        .json()
                        .path("next")
                        .path(0)
                        .asText())
                .contains("T01:30:00Z");

        String now = Instant.now().toString();
        assertThat(as("operator", "backfill", NIGHTLY, "--from", now, "--to", now)
                        .expect(ExitCode.BAD_INPUT)
                        .err())
                .contains("BACKFILL_TIMES_WRONG: ");
        assertThat(as("viewer", "list", "orders/unknown")
                        .expect(ExitCode.BAD_INPUT)
                        .err())
                .contains("SCHEDULE_NOT_FOUND: ");
    }
}
