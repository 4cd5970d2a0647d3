package dev.muster.cli.schedules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.Errors;
import dev.muster.cli.ExitCode;
import dev.muster.cli.client.SomeServer;
import dev.muster.cli.context.ContextCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The verbs against an API that answers as it is told; against the real ones, the whole's test has them. */
@Timeout(60)
class SchedulesOverApiTest {
    private static final String NIGHTLY = """
            {"name":"orders/nightly","scenario":"backup","runbook":"shipped:backup","crons":["0 2 * * *"],\
            "timeZone":"Europe/Berlin","jitterSeconds":300,"overlap":"skip","catchUpSeconds":21600,"paused":%s,\
            "note":"%s","next":[%s],"last":[{"scheduledFor":"2026-11-20T01:00:00Z","started":"2026-11-20T01:00:01Z",\
            "workflowId":"w","state":"FAILED","reason":"STORE_FULL: \\u001b[31mit is"}],"started":3,"missed":1,\
            "skipped":2,"fromTomorrow":"unknown fields of a newer API"}""";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Path config;
    private final Path folder;

    SchedulesOverApiTest(@TempDir Path folder) {
        this.folder = folder;
        config = folder.resolve("contexts.json");
    }

    private int schedules(SomeServer server, String... arguments) throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "mst_test");
        if (!Files.exists(config)) {
            execute(
                    new ContextCommand(),
                    "add",
                    "test",
                    "--api",
                    server.uri().toString(),
                    "--token",
                    "file:" + token,
                    "--config",
                    config.toString());
        }
        out.getBuffer().setLength(0);
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--config", config.toString()));
        return execute(new SchedulesCommand(), all.toArray(String[]::new));
    }

    private int execute(Object command, String... arguments) {
        return Errors.configure(new CommandLine(command))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    @Test
    void theListShowsTimesInTheSchedulesZoneAndNothingThatMovesTheCursor() throws Exception {
        try (SomeServer server = new SomeServer(exchange -> SomeServer.json(
                exchange,
                exchange.getRequestURI().getPath().endsWith("/nightly")
                        ? NIGHTLY.formatted(false, "", "\"2026-11-21T01:02:00Z\"")
                        : "{\"schedules\":[" + NIGHTLY.formatted(true, "kim: the disk is full", "") + "]}"))) {
            assertThat(schedules(server, "list", "--system", "orders")).isEqualTo(ExitCode.SUCCESS);
            assertThat(server.asked.get(0).path()).isEqualTo("/v1/schedules?system=orders");
            assertThat(out.toString())
                    .contains("paused: kim: the disk is full", "Fri 2026-11-20 02:00:00 +01:00", "FAILED");
            assertThat(schedules(server, "list", "orders/nightly")).isEqualTo(ExitCode.SUCCESS);
            assertThat(server.asked.get(1).path()).isEqualTo("/v1/schedules/orders/nightly");
            assertThat(out.toString())
                    .contains("next      Sat 2026-11-21 02:02:00 +01:00", "started   3, missed 1, skipped 2")
                    .doesNotContain("\u001b");
        }
    }

    @Test
    void aChangeIsToldWithTheWayAndAsJsonAsTheApiSaidIt() throws Exception {
        String done = "{\"schedule\":\"orders/nightly\",\"done\":\"paused\",\"new\":1}";
        try (SomeServer server = new SomeServer(exchange -> SomeServer.json(exchange, done))) {
            assertThat(schedules(server, "pause", "orders/nightly", "--note", "the disk is full"))
                    .isEqualTo(ExitCode.SUCCESS);
            assertThat(out.toString().strip()).isEqualTo("orders/nightly paused.");
            assertThat(err.toString()).contains("Over the API at " + server.uri());
            assertThat(schedules(server, "trigger", "orders/nightly", "-o", "json"))
                    .isEqualTo(ExitCode.SUCCESS);
            assertThat(out.toString().strip()).isEqualTo(done);
            assertThat(server.asked)
                    .extracting(asked -> asked.method() + " " + asked.path())
                    .containsExactly(
                            "POST /v1/schedules/orders/nightly/pause", "POST /v1/schedules/orders/nightly/trigger");
        }
    }

    @Test
    void filesAreCheckedHereBeforeTheApiIsAskedAndAScheduleThatFailedFailsTheCommand() throws Exception {
        Path system = Files.writeString(folder.resolve("orders.yaml"), "kind: System");
        try (SomeServer server = new SomeServer(exchange -> SomeServer.json(
                exchange,
                "{\"dryRun\":false,\"changes\":[{\"name\":\"orders/nightly\",\"kind\":\"CREATE\",\"fields\":[],"
                        + "\"problem\":\"SCHEDULE_REFUSED_BY_SERVER: no\"}]}"))) {
            assertThat(schedules(server, "apply", "shipped:default-timetable", "--system", system.toString()))
                    .isEqualTo(ExitCode.BAD_INPUT);
            assertThat(server.asked).isEmpty();
            Files.writeString(system, SimulateCommandTest.SYSTEM);
            assertThat(schedules(server, "apply", system.toString())).isEqualTo(ExitCode.FAILED);
            assertThat(server.asked)
                    .extracting(asked -> asked.method() + " " + asked.path())
                    .containsExactly("PUT /v1/schedules");
            assertThat(out.toString()).contains("CREATE  orders/nightly  FAILED", "SCHEDULE_REFUSED_BY_SERVER: no");
        }
    }

    @Test
    void whatTheStateDoesNotAllowIsAFailureAndAnUnknownNameBadInput() throws Exception {
        try (SomeServer server =
                new SomeServer(exchange -> SomeServer.problem(exchange, 409, "SCHEDULED_RUN_UNDER_WAY"))) {
            assertThat(schedules(server, "trigger", "orders/nightly")).isEqualTo(ExitCode.FAILED);
            assertThat(schedules(server, "trigger", "nightly")).isEqualTo(ExitCode.BAD_INPUT);
            assertThat(err.toString()).contains("SCHEDULED_RUN_UNDER_WAY: ", "SCHEDULE_NOT_FOUND: ");
        }
    }

    @Test
    void theLogIsATableAndSaysHowToGoOn() throws Exception {
        try (SomeServer server = new SomeServer(exchange -> SomeServer.json(
                exchange,
                "{\"schedule\":\"orders/nightly\",\"executions\":[{\"due\":\"2026-11-20T01:00:00Z\",\"at\":"
                        + "\"2026-11-20T01:03:00Z\",\"outcome\":\"SKIPPED\",\"detail\":\"CHANGE_UNDER_WAY: it is\"}],"
                        + "\"next\":\"2026-11-20T01:00:00Z\"}"))) {
            assertThat(schedules(server, "executions", "orders/nightly", "--limit", "1"))
                    .isEqualTo(ExitCode.SUCCESS);
            assertThat(server.asked.get(0).path()).isEqualTo("/v1/schedules/orders/nightly/executions?limit=1");
            assertThat(out.toString()).contains("SKIPPED", "CHANGE_UNDER_WAY: it is");
            assertThat(err.toString()).contains("--before 2026-11-20T01:00:00Z");
        }
    }
}
