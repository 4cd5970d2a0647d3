package dev.muster.e2e;

import static dev.muster.e2e.ProtectedOrders.there;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.catalog.RunFilter;
import dev.muster.catalog.RunRecord;
import dev.muster.embedded.orders.Attack;
import dev.muster.embedded.stack.Stack;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.StepReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Temporal server, catalogue, control worker, host worker and API are killed by kill -9 at random moments of recoveries and
 * restore tests, from the request that starts them on: each is started once, ends with the result of an undisturbed one,
 * and its record is complete once the catalogue is back. {@code -Dmuster.fire.kills=60} for a long fire,
 * {@code -Dmuster.fire.seed=N} to draw the same one again.
 */
@NeedsTemporal
class EngineUnderFireTest {
    private static final int KILLS = Integer.getInteger("muster.fire.kills", 10);
    private static final long SEED = Long.getLong("muster.fire.seed", System.currentTimeMillis());
    private static final String RECOVERY = "point-in-time-recovery";
    private static final String TEST = "restore-test";
    /** A run that is not over after this hangs; the rest is for a machine that does much else. */
    private static final Duration PATIENCE = Duration.ofMinutes(8);

    private static final Map<String, String> WORKFLOWS = Map.of(RECOVERY, "PointInTimeRecovery", TEST, "RestoreTest");

    private final FireStatistics statistics = new FireStatistics(SEED);
    private final Map<String, List<String>> undisturbed = new HashMap<>();
    private final Map<String, Duration> usual = new HashMap<>();
    private final Map<String, List<String>> runs = new TreeMap<>();

    @Test
    @Timeout(value = 4, unit = TimeUnit.HOURS)
    void eachRunEndsWithTheSameResultAndItsWholeRecordWhateverIsKilledWhenever() throws Exception {
        Random random = new Random(SEED);
        OrdersBehindApi world = new OrdersBehindApi();
        try {
            for (String scenario : List.of(RECOVERY, TEST)) {
                run(world, scenario, null, 0);
            }
            Fire.Lot lot = new Fire.Lot(random, victims(world));
            while (statistics.kills() < KILLS) {
                String scenario = random.nextBoolean() ? RECOVERY : TEST;
                run(world, scenario, lot, KILLS - statistics.kills());
            }
            expectNothingElseWasStarted(world);
        } catch (Exception | AssertionError e) {
            keepLogs(world.orders);
            throw e;
        } finally {
            world.close();
        }
    }

    /** After each run: a long fire is read while it burns. */
    private void keepPage() throws IOException {
        Files.writeString(Path.of("target", "fire-" + SEED + ".md"), statistics.page(), StandardCharsets.UTF_8);
    }

    /** One run, under fire if there is a lot to draw it from; checked for what it left in the world. */
    private void run(OrdersBehindApi world, String scenario, Fire.@Nullable Lot lot, int most) throws Exception {
        ProtectedOrders orders = world.orders;
        Attack.Truth attack = scenario.equals(RECOVERY) ? orders.strike() : null;
        int repeatsBefore = world.operator.repeats() + world.approver.repeats();
        Instant asked = Instant.now();
        CompletableFuture<RunReport> following = new CompletableFuture<>();
        RunReport report;
        List<Fire.Kill> kills = List.of();
        if (lot == null) {
            follow(world, attack, following);
            report = await(following);
        } else {
            // Before the start is asked for: that request is killed too.
            try (Fire fire = Fire.begin(lot, most, there(usual.get(scenario)), following::completeExceptionally)) {
                follow(world, attack, following);
                report = await(following);
                kills = fire.end();
            }
        }
        assertThat(report.verdict()).as(report.summary()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        if (attack != null) {
            assertThat(there(report.results().returned()).back()).isEqualTo(attack.rows());
            assertThat(orders.ledger().passed()).as(orders.ledger().line()).isTrue();
        }
        assertThat(report.answers().stream().filter(answer -> answer.accepted()))
                .as("approvals that counted")
                .hasSize(attack == null ? 0 : 1);
        assertThat(orders.copies()).as("copies that are left").isEmpty();
        assertThat(serversOf(orders.stack().copies()))
                .as("servers of copies that still run")
                .isEmpty();
        world.expectRecorded(report);
        Duration recorded = Duration.between(report.ended(), Instant.now());
        runs.computeIfAbsent(scenario, name -> new ArrayList<>()).add(report.runId());
        if (lot == null) {
            undisturbed.put(scenario, result(report));
            usual.put(scenario, Duration.between(asked, report.ended()));
        } else {
            assertThat(result(report))
                    .as("seed %d, after %d kills: %s", SEED, statistics.kills(), report.summary())
                    .isEqualTo(undisturbed.get(scenario));
            int repeats = world.operator.repeats() + world.approver.repeats() - repeatsBefore;
            statistics.add(report, kills, recorded, repeats);
            keepPage();
        }
    }

    /** A start that was repeated, because its answer was lost, is one run, in the catalogue and in Temporal. */
    private void expectNothingElseWasStarted(OrdersBehindApi world) {
        runs.forEach((scenario, expected) -> {
            assertThat(world.catalog
                            .runs()
                            .list(RunFilter.ALL.withScenario(scenario), null, 500)
                            .runs())
                    .extracting(RunRecord::runId)
                    .containsExactlyInAnyOrderElementsOf(expected);
            ProtectedOrders.eventually("Temporal lists the runs of " + scenario)
                    .untilAsserted(() -> assertThat(world.workflows(there(WORKFLOWS.get(scenario))))
                            .isEqualTo(expected.size()));
        });
    }

    /** Everything that an undisturbed run and a disturbed one have in common. */
    private static List<String> result(RunReport report) {
        return Stream.concat(
                        report.steps().stream()
                                .map(step -> step.id() + " " + step.state())
                                .peek(step -> assertThat(step).endsWith(StepReport.State.DONE.name())),
                        report.results().checks().stream().map(check -> check.name() + " " + check.checked()))
                .toList();
    }

    /** The hooks: whoever adds a process to the stack adds it here, after those that it needs. */
    private static List<Fire.Victim> victims(OrdersBehindApi world) {
        ProtectedOrders orders = world.orders;
        return List.of(
                new Fire.Victim(
                        "Temporal server",
                        () -> orders.temporal().kill(),
                        () -> orders.temporal().restart()),
                new Fire.Victim(
                        "catalogue",
                        () -> orders.catalog().kill(),
                        () -> orders.catalog().start()),
                new Fire.Victim("control worker", () -> orders.control().kill(), orders::startControl),
                new Fire.Victim("host worker", () -> orders.host().kill(), orders::startHost),
                new Fire.Victim("API", world::killApi, world::startApi));
    }

    /** As people do it through the API, in a thread of its own; what the API tells of the end is compared with the run's. */
    private static void follow(
            OrdersBehindApi world, Attack.@Nullable Truth attack, CompletableFuture<RunReport> following) {
        String runbook = attack == null ? "shipped:" + TEST : ProtectedOrders.recovery(attack);
        Thread thread = new Thread(
                () -> {
                    try {
                        JsonNode run = world.operator.start(UUID.randomUUID().toString(), Stack.SYSTEM, runbook);
                        if (attack != null) {
                            world.approver.approve(run.path("id").asText());
                        }
                        JsonNode shown = world.operator
                                .awaitVerdict(run.path("id").asText())
                                .path("run");
                        RunReport report = world.orders.finish(
                                world.workflow(shown.path("workflowId").asText()));
                        assertThat(shown.path("verdict").asText())
                                .isEqualTo(report.verdict().name());
                        assertThat(shown.path("summary").asText()).isEqualTo(report.summary());
                        following.complete(report);
                    } catch (InterruptedException | RuntimeException | AssertionError e) {
                        following.completeExceptionally(e);
                    }
                },
                "people");
        thread.setDaemon(true);
        thread.start();
    }

    private RunReport await(CompletableFuture<RunReport> following) throws Exception {
        try {
            return following.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(
                    "Seed " + SEED + ": a run hangs after " + statistics.kills() + " kills before it", e);
        }
    }

    private static List<String> serversOf(Path copies) {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(command -> command.contains(copies.toString()) && command.contains("postgres"))
                .toList();
    }

    private static void keepLogs(ProtectedOrders orders) throws IOException {
        Path to = Files.createDirectories(Path.of("target", "fire-" + SEED));
        for (String folder : List.of("logs", "temporal", "catalogue")) {
            try (Stream<Path> files = Files.list(orders.folder().resolve(folder))) {
                for (Path file :
                        files.filter(each -> each.toString().endsWith(".log")).toList()) {
                    Files.copy(file, to.resolve(file.getFileName()));
                }
            }
        }
    }
}
