package dev.muster.cli.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.client.SomeServer;
import dev.muster.cli.output.Format;
import dev.muster.cli.output.Output;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

@Timeout(60)
class RunWatchTest {
    private static final String RUN = "01KAJ0000000000000000000BB";
    private static final String STEP = """
            {"id":"restore","title":"Restore the backup","where":"host-db1","state":"DONE",\
            "started":"2026-11-21T03:00:00Z","ended":"2026-11-21T03:00:02Z","detail":"1200 files"}""";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private static String details(boolean ended, String steps) {
        return "{\"run\":{\"id\":\"" + RUN + "\",\"state\":\"EXECUTING\",\"live\":true"
                + (ended ? ",\"verdict\":\"SUCCEEDED\",\"ended\":\"2026-11-21T03:00:03Z\"" : "") + "},\"steps\":["
                + steps + "],\"approvals\":[]}";
    }

    private static boolean asksForEvents(HttpExchange exchange) {
        return exchange.getRequestURI().getPath().endsWith("/events");
    }

    private Output output(Format format) {
        CommandLine commandLine = new CommandLine(CommandLine.Model.CommandSpec.create());
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return new Output(commandLine.getCommandSpec(), format);
    }

    private RunWatch watch(SomeServer server, Duration limit) {
        Output output = output(Format.TABLE);
        return new RunWatch(server.client(), output, RunProgress.lines(output), RUN, limit);
    }

    @Test
    void withoutEventsTheRunIsAskedNowAndThenAndEachStepToldOnce() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        try (SomeServer server = new SomeServer(exchange -> {
            if (asksForEvents(exchange)) {
                SomeServer.problem(exchange, 503, "EVENTS_FULL");
            } else {
                int look = looks.incrementAndGet();
                SomeServer.json(exchange, details(look > 2, look > 1 ? STEP : ""));
            }
        })) {
            watch(server, Duration.ofMinutes(1)).follow();
            assertThat(out.toString().lines())
                    .filteredOn(line -> line.contains("Restore the backup: 1200 files"))
                    .hasSize(1);
            assertThat(server.asked)
                    .filteredOn(asked -> asked.path().endsWith("/events"))
                    .hasSize(1);
        }
    }

    @Test
    void aBrokenStreamIsTakenUpWhereItEnded() throws Exception {
        AtomicInteger streams = new AtomicInteger();
        AtomicBoolean ended = new AtomicBoolean();
        try (SomeServer server = new SomeServer(exchange -> {
            if (!asksForEvents(exchange)) {
                SomeServer.json(exchange, details(ended.get(), ""));
                return;
            }
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            if (streams.incrementAndGet() == 1) {
                events(exchange, "retry: 2000\n\n: still here\n\nid: D-0\r\nevent: step\r\ndata: " + STEP + "\r\n\r\n");
            } else {
                ended.set(true);
                events(exchange, "id: D-1\nevent: end\ndata: {}\n\n");
            }
        })) {
            assertThat(watch(server, Duration.ofMinutes(1))
                            .follow()
                            .path("run")
                            .path("verdict")
                            .asText())
                    .isEqualTo("SUCCEEDED");
            assertThat(out.toString()).contains("done", "2.0s", "Restore the backup: 1200 files");
            assertThat(server.asked)
                    .filteredOn(asked -> asked.path().endsWith("/events"))
                    .extracting(asked -> asked.headers().getFirst("Last-Event-ID"))
                    .containsExactly(null, "D-0");
        }
    }

    private static void events(HttpExchange exchange, String text) throws IOException {
        OutputStream body = exchange.getResponseBody();
        body.write(text.getBytes(StandardCharsets.UTF_8));
        body.flush();
    }

    @Test
    void anOutageOfTheApiIsToldOnceAndWaitedFor() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        try (SomeServer server = new SomeServer(exchange -> {
            int look = looks.incrementAndGet();
            if (look == 1) {
                SomeServer.json(exchange, details(false, ""));
            } else if (look < 9) {
                SomeServer.problem(exchange, 503, "CATALOG_UNREACHABLE");
            } else {
                SomeServer.json(exchange, details(true, STEP));
            }
        })) {
            watch(server, Duration.ofMinutes(1)).follow();
            assertThat(err.toString().lines())
                    .filteredOn(line -> line.startsWith("CATALOG_UNREACHABLE: "))
                    .hasSize(1);
            assertThat(err.toString()).contains("The API answers again.");
            assertThat(out.toString()).contains("Restore the backup");
        }
    }

    @Test
    void whenTheTimeIsUpTheRunGoesOnAndTheExitCodeSaysSo() throws Exception {
        try (SomeServer server = new SomeServer(exchange -> {
            if (asksForEvents(exchange)) {
                SomeServer.problem(exchange, 503, "EVENTS_FULL");
            } else {
                SomeServer.json(exchange, details(false, ""));
            }
        })) {
            assertThatThrownBy(() -> watch(server, Duration.ofMillis(50)).follow())
                    .isInstanceOfSatisfying(CliException.class, error -> {
                        assertThat(error.code()).isEqualTo("RUN_STILL_GOING");
                        assertThat(error.exitCode()).isEqualTo(ExitCode.STILL_RUNNING);
                    });
        }
    }

    @Test
    void aRefusalEndsTheWatchAtOnce() throws Exception {
        try (SomeServer server = new SomeServer(exchange -> SomeServer.problem(exchange, 404, "RUN_NOT_FOUND"))) {
            assertThatThrownBy(() -> watch(server, Duration.ofMinutes(1)).follow())
                    .isInstanceOfSatisfying(
                            CliException.class,
                            error -> assertThat(error.code()).isEqualTo("RUN_NOT_FOUND"));
        }
    }

    @Test
    void anApprovalIsToldOnceAlthoughItsRecordHasARounderTime() {
        Output output = output(Format.TABLE);
        RunProgress progress = RunProgress.lines(output);
        progress.approval(approval("2026-11-21T03:00:00.123456789Z"));
        progress.approval(approval("2026-11-21T03:00:00.123457Z"));
        assertThat(out.toString().lines()).containsExactly("ACCEPTED (anna): Approved by anna.");
        progress.approval(approval("2026-11-21T03:00:01Z"));
        assertThat(out.toString().lines()).hasSize(2);
    }

    private static com.fasterxml.jackson.databind.JsonNode approval(String at) {
        return dev.muster.cli.client.ApiClient.object()
                .put("at", at)
                .put("code", "ACCEPTED")
                .put("approver", "anna")
                .put("message", "Approved by anna.");
    }

    @Test
    void howARunEndedIsItsExitCode() {
        assertThat(RunWatch.exitCode(run("SUCCEEDED"))).isEqualTo(ExitCode.SUCCESS);
        assertThat(RunWatch.exitCode(run("PLANNED"))).isEqualTo(ExitCode.SUCCESS);
        assertThat(RunWatch.exitCode(run("NOT_APPROVED"))).isEqualTo(ExitCode.NOT_APPROVED);
        assertThat(RunWatch.exitCode(run("FAILED"))).isEqualTo(ExitCode.FAILED);
    }

    private static com.fasterxml.jackson.databind.JsonNode run(String verdict) {
        return dev.muster.cli.client.ApiClient.object().put("verdict", verdict);
    }
}
