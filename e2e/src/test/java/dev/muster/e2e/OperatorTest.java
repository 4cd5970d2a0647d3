package dev.muster.e2e;

import static dev.muster.e2e.ProtectedOrders.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.catalog.Role;
import dev.muster.cli.ExitCode;
import dev.muster.embedded.Main;
import dev.muster.embedded.orders.Attack;
import dev.muster.embedded.process.ChildJvm;
import dev.muster.embedded.process.LoopbackPorts;
import dev.muster.runbooks.yaml.RunbookFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What operators do at the command line, with the API, the catalogue and a database behind it. */
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OperatorTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final Path config;
    private final ApiBesideOrders world;

    private record Said(int exitCode, String out, String err) {
        Said expect(int code) {
            assertThat(exitCode).as(out + err).isEqualTo(code);
            return this;
        }

        void expectError(int code, String error) {
            expect(code);
            assertThat(err).containsPattern("(?m)^" + error + ": .+ Hint: .+$");
        }

        JsonNode json() throws IOException {
            return JSON.readTree(out);
        }
    }

    OperatorTest(@TempDir Path folder) throws Exception {
        this.folder = folder;
        config = folder.resolve("contexts.json");
        world = new ApiBesideOrders(folder);
        context("viewer", world.token("vera", null, Role.VIEWER));
        context("operator", world.token("olga", null, Role.OPERATOR));
        context("approver", world.token("anna", null, Role.APPROVER));
        as("operator", "systems", "put", world.orders.stack().systemFile().toString())
                .expect(ExitCode.SUCCESS);
    }

    @AfterAll
    void end() {
        world.close();
    }

    private void context(String name, Path token) {
        muster("context", "add", name, "--api", world.uri(), "--token", "file:" + token, "--config", config.toString())
                .expect(ExitCode.SUCCESS);
    }

    private static Said muster(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine =
                Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int exitCode = commandLine.execute(arguments);
        return new Said(exitCode, out.toString(), err.toString());
    }

    private Said as(String context, String... arguments) {
        List<String> all = new java.util.ArrayList<>(List.of(arguments));
        all.addAll(List.of("--context", context, "--config", config.toString()));
        return muster(all.toArray(String[]::new));
    }

    @Test
    void fromABackupToAnApprovedRecoveryWithTheApiGoneInBetween() throws Exception {
        Said backup = as("operator", "runs", "start", "orders", "shipped:backup", "--wait")
                .expect(ExitCode.SUCCESS);
        assertThat(backup.out()).startsWith("Run ").contains("done").contains("SUCCEEDED: ");
        JsonNode backups = eventually("the index has the backups")
                .until(
                        () -> as("viewer", "backups", "list", "orders", "-o", "json")
                                .json(),
                        shown -> shown.path("backups").size() == 2);
        String newest = backups.path("backups").path(0).path("id").asText();
        assertThat(as("viewer", "backups", "list", "orders").out()).contains(newest, " MB", " ago)");
        eventually("the catalogue knows where the backup is")
                .until(
                        () -> as("viewer", "backups", "show", "orders", newest).out(),
                        shown -> shown.contains("In primary: seen "));
        as("viewer", "backups", "show", "orders", "01KAJ0000000000000000000ZZ")
                .expectError(ExitCode.BAD_INPUT, "BACKUP_NOT_FOUND");
        assertThat(as("viewer", "points", "orders").expect(ExitCode.SUCCESS).out())
                .contains("main", " ago)", world.orders.backup().substring(0, 4));

        Attack.Truth attack = world.orders.strike();
        Path runbook = Files.writeString(
                folder.resolve("recovery.yaml"),
                RunbookFiles.source("shipped:point-in-time-recovery")
                        .text()
                        .replace("lastGoodPoint: {}", "lastGoodPoint: {xid: " + attack.xid() + "}"));
        String run = as("operator", "runs", "start", "orders", runbook.toString(), "-o", "json")
                .expect(ExitCode.SUCCESS)
                .json()
                .path("id")
                .asText();
        eventually("the run waits")
                .until(
                        () -> as("viewer", "runs", "show", run, "-o", "json").json(),
                        shown -> shown.path("run").path("waiting").has("gate"));
        CompletableFuture<Said> watching = CompletableFuture.supplyAsync(() -> as("viewer", "runs", "watch", run));
        as("operator", "runs", "start", "orders", runbook.toString()).expectError(ExitCode.BUSY, "CHANGE_UNDER_WAY");
        as("viewer", "runs", "watch", run, "--timeout", "1s").expectError(ExitCode.STILL_RUNNING, "RUN_STILL_GOING");
        assertThat(as("viewer", "status").expect(ExitCode.SUCCESS).out())
                .contains("vera", run, "WAITING_FOR_APPROVAL")
                .containsPattern("runs answer: +yes");

        world.stopApi();
        as("viewer", "runs", "show", run).expectError(ExitCode.UNREACHABLE, "API_UNREACHABLE");
        world.startApi();

        approve(run);
        Said watched = watching.get(2, TimeUnit.MINUTES).expect(ExitCode.SUCCESS);
        assertThat(watched.out()).contains("muster runs approve " + run, "ACCEPTED (anna): ", "SUCCEEDED: ");
        assertThat(watched.out().lines()).doesNotHaveDuplicates();
        assertThat(as("viewer", "runs", "timeline", run).out()).contains("Approved by anna", "ENDED");
        assertThat(as("viewer", "runs", "show", run).out()).contains("olga", "SUCCEEDED", "anna");
        assertThat(as("viewer", "runs", "watch", run, "-o", "json")
                        .expect(ExitCode.SUCCESS)
                        .out()
                        .lines())
                .last()
                .asString()
                .startsWith("{\"event\":\"end\",\"data\":{");
        JsonNode listed = as(
                        "viewer",
                        "runs",
                        "list",
                        "--verdict",
                        "SUCCEEDED",
                        "--scenario",
                        "point-in-time-recovery",
                        "-o",
                        "json")
                .json();
        assertThat(listed.path("runs").findValuesAsText("id")).containsExactly(run);
        assertThat(as("viewer", "refusals", "list").out()).contains("ROLE_MISSING", "APPROVAL_BY_REQUESTER", "olga");
        assertThat(world.orders.ledger().passed())
                .as(world.orders.ledger().line())
                .isTrue();
    }

    private void approve(String run) throws IOException {
        as("operator", "runs", "approve", run, "--yes").expectError(ExitCode.NOT_ALLOWED, "ROLE_MISSING");
        context("both", world.token("olga", null, Role.OPERATOR, Role.APPROVER));
        as("both", "runs", "approve", run, "--yes").expectError(ExitCode.NOT_APPROVED, "APPROVAL_BY_REQUESTER");
        as("approver", "runs", "approve", run, "--plan", "0".repeat(64))
                .expectError(ExitCode.NOT_APPROVED, "APPROVAL_OTHER_PLAN");
        Said plan = as("viewer", "runs", "plan", run).expect(ExitCode.SUCCESS);
        Said no = answering("n\n", run).expect(ExitCode.NOT_APPROVED);
        assertThat(no.out()).as("exactly the plan is shown").startsWith(plan.out());
        assertThat(no.err()).contains("Approve this plan as anna", "Not approved");
        answering("", run).expect(ExitCode.NOT_APPROVED);
        assertThat(answering("y\n", run).expect(ExitCode.SUCCESS).out()).contains("ACCEPTED: ");
        as("approver", "runs", "approve", run, "--yes").expect(ExitCode.NOT_APPROVED);
    }

    private Said answering(String typed, String run) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)));
        try {
            return as("approver", "runs", "approve", run, "--comment", "after the bad DELETE");
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void aDryRunShowsThePlanAndARepeatWithTheSameKeyIsTheSameRun() throws IOException {
        Said planned = as("operator", "runs", "start", "orders", "shipped:restore-test", "--dry-run", "--key", "once");
        assertThat(planned.expect(ExitCode.SUCCESS).out()).contains("orders", "restore");
        Said again = as("operator", "runs", "start", "orders", "shipped:restore-test", "--dry-run", "--key", "once");
        assertThat(again.expect(ExitCode.SUCCESS).out())
                .startsWith("Was started before: run ")
                .endsWith(planned.out().substring(planned.out().indexOf('\n')));
        as("operator", "runs", "start", "orders", "shipped:backup", "--key", "once")
                .expectError(ExitCode.BAD_INPUT, "IDEMPOTENCY_KEY_REUSED");
    }

    @Test
    void aWrongTokenAnExpiredOneAndOneThatCannotBeReadAreToldApartFromAnApiThatIsDown() throws Exception {
        context("wrong", Files.writeString(folder.resolve("wrong"), "mst_0000_made-up"));
        as("wrong", "status").expectError(ExitCode.NOT_ALLOWED, "TOKEN_INVALID");
        Path expiring = world.token("erin", Instant.now().plusSeconds(1), Role.VIEWER);
        context("expiring", expiring);
        Said expired = eventually("the token has run out")
                .until(() -> as("expiring", "systems", "list"), said -> said.exitCode() != ExitCode.SUCCESS);
        expired.expectError(ExitCode.NOT_ALLOWED, "TOKEN_INVALID");
        Files.delete(expiring);
        as("expiring", "systems", "list").expectError(ExitCode.BAD_INPUT, "TOKEN_UNREADABLE");
        muster(
                        "context",
                        "add",
                        "down",
                        "--api",
                        "http://127.0.0.1:" + LoopbackPorts.free(),
                        "--token",
                        "file:" + folder.resolve("wrong"),
                        "--config",
                        config.toString())
                .expect(ExitCode.SUCCESS);
        as("down", "status").expectError(ExitCode.UNREACHABLE, "API_UNREACHABLE");
    }

    @Test
    void whatDoesNotExistOrIsNoFileIsNamedAndNothingIsStarted() throws IOException {
        as("nowhere", "status").expectError(ExitCode.BAD_INPUT, "CONTEXT_UNKNOWN");
        as("viewer", "systems", "show", "../orders").expectError(ExitCode.BAD_INPUT, "[A-Z_]+");
        as("viewer", "backups", "list", "nothing").expectError(ExitCode.BAD_INPUT, "SYSTEM_NOT_FOUND");
        as("viewer", "runs", "show", "01KAJ0000000000000000000BB").expectError(ExitCode.BAD_INPUT, "RUN_NOT_FOUND");
        as("viewer", "runs", "show", "change/orders").expectError(ExitCode.BAD_INPUT, "RUN_ID_INVALID");
        as("viewer", "runs", "list", "--limit", "501").expectError(ExitCode.BAD_INPUT, "PARAMETER_INVALID");
        as("viewer", "runs", "start", "orders", "shipped:backup").expectError(ExitCode.NOT_ALLOWED, "ROLE_MISSING");
        as("operator", "runs", "start", "orders", "shipped:none").expect(ExitCode.BAD_INPUT);
        as("operator", "runs", "start", "orders", folder.resolve("missing.yaml").toString())
                .expect(ExitCode.BAD_INPUT);
        as("operator", "systems", "put", folder.resolve("missing.yaml").toString())
                .expect(ExitCode.BAD_INPUT);
        Path runbook = Files.writeString(
                folder.resolve("only-a-runbook.yaml"),
                RunbookFiles.source("shipped:backup").text());
        assertThat(as("operator", "systems", "put", runbook.toString())
                        .expect(ExitCode.BAD_INPUT)
                        .err())
                .contains(runbook.toString());
        muster("status", "01KAJ0000000000000000000BB").expectError(ExitCode.BAD_INPUT, "WORKFLOW_ID_INVALID");
        as("viewer", "runs", "list", "-o", "yaml").expect(ExitCode.BAD_INPUT);
        assertThat(as("viewer", "runs", "list", "--system", "nothing")
                        .expect(ExitCode.SUCCESS)
                        .out())
                .contains("There are no such runs.");
    }

    @Test
    void theEnvironmentAloneSaysWhichApiAndAsWhom() throws Exception {
        Path log = folder.resolve("status.log");
        ChildJvm status = ChildJvm.of("status", Main.class.getName())
                .arguments("status", "-o", "json")
                .environment("MUSTER_API", world.uri())
                .environment("MUSTER_TOKEN", "file:" + folder.resolve("token-vera"))
                .environment("MUSTER_CONFIG", folder.resolve("none.json").toString())
                .start(log);
        assertThat(status.awaitExit(ProtectedOrders.SOON)).as(status.endOfLog()).isZero();
        assertThat(Files.readString(log)).contains("\"subject\":\"vera\"");
    }

    @Test
    void bothWorkersShowPrometheusWhatTheyAndTheTemporalSdkCount() {
        as("operator", "runs", "start", "orders", "shipped:restore-test", "--dry-run", "--wait")
                .expect(ExitCode.SUCCESS);
        String labels = "database=\"main\",";
        eventually("the control worker's metrics")
                .untilAsserted(() -> assertThat(metrics(world.control()))
                        .contains("jvm_memory_used_bytes{")
                        .contains("muster_worker_polling{task_queue=\"muster\"} 1.0")
                        .contains("muster_worker_polling{task_queue=\"catalog\"} 1.0")
                        .containsPattern("temporal_workflow_completed_total\\{[^}]*} [1-9]")
                        .containsPattern("temporal_request_total\\{[^}]*} [1-9]")
                        .doesNotContain("muster_wal_"));
        eventually("the host worker's metrics")
                .untilAsserted(() -> assertThat(metrics(world.orders.host()))
                        .contains("muster_worker_polling{task_queue=\"host-db1\"} 1.0")
                        .contains("muster_wal_state{" + labels + "state=\"STREAMING\",system=\"orders\"} 1.0")
                        .contains("muster_wal_state{" + labels + "state=\"BROKEN\",system=\"orders\"} 0.0")
                        .containsPattern("muster_wal_lag_bytes\\{[^}]*} [0-9]")
                        .containsPattern("muster_wal_silence_seconds\\{[^}]*} [0-9]")
                        .contains("muster_wal_pressure{" + labels + "level=\"FINE\",system=\"orders\"} 1.0")
                        .containsPattern("muster_wal_retained_bytes\\{[^}]*} [0-9]")
                        .containsPattern("muster_wal_lag_seconds\\{[^}]*} [0-9]")
                        .containsPattern("temporal_activity_execution_latency_seconds_count\\{[^}]*} [1-9]"));
    }

    /** What is shown where the worker's log says that it is shown. */
    private static String metrics(ChildJvm worker) throws IOException {
        Matcher address = Pattern.compile("Metrics at (http://127\\.0\\.0\\.1:\\d+/metrics)")
                .matcher(Files.readString(worker.log()));
        assertThat(address.find()).as(worker.endOfLog()).isTrue();
        try (InputStream text = URI.create(address.group(1)).toURL().openStream()) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aShellCanReadTheCompletion() throws Exception {
        Path script = Files.writeString(
                folder.resolve("completion.bash"),
                muster("completion", "bash").expect(ExitCode.SUCCESS).out());
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        "source '" + script
                                + "' && complete -p muster && declare -F | grep -c _picocli_muster_runs_start")
                .redirectErrorStream(true)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(said).isZero();
        assertThat(said).contains("_complete_muster");
        assertThat(muster("completion", "zsh").expect(ExitCode.SUCCESS).out()).contains("bashcompinit");
        muster("completion", "fish").expect(ExitCode.BAD_INPUT);
    }
}
