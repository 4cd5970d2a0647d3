package dev.muster.e2e;

import static dev.muster.e2e.ProtectedOrders.there;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.embedded.orders.Attack;
import dev.muster.embedded.stack.TemporalChoice;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunStatus;
import dev.muster.workflows.run.StepReport;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Control worker, host worker and Temporal server are killed by kill -9 at random moments of recoveries and restore tests:
 * each run ends with the result of an undisturbed one. {@code -Dmuster.fire.kills=60} for a long fire,
 * {@code -Dmuster.fire.seed=N} to draw the same one again.
 */
@NeedsTemporal
class EngineUnderFireTest {
    private static final int KILLS = Integer.getInteger("muster.fire.kills", 6);
    private static final long SEED = Long.getLong("muster.fire.seed", System.currentTimeMillis());
    private static final String RECOVERY = "point-in-time-recovery";
    private static final String TEST = "restore-test";
    /** A run that is not over after this hangs. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final FireStatistics statistics = new FireStatistics(SEED);
    private final Map<String, List<String>> undisturbed = new HashMap<>();
    private final Map<String, Duration> usual = new HashMap<>();

    @Test
    @Timeout(value = 4, unit = TimeUnit.HOURS)
    void eachRunEndsWithTheSameResultWhateverIsKilledWhenever() throws Exception {
        Random random = new Random(SEED);
        ProtectedOrders orders = ProtectedOrders.withTraffic(TemporalChoice.SERVER);
        try {
            for (String scenario : List.of(RECOVERY, TEST)) {
                RunReport quiet = run(orders, scenario, null, 0);
                undisturbed.put(scenario, result(quiet));
                usual.put(scenario, Duration.between(quiet.started(), quiet.ended()));
            }
            while (statistics.kills() < KILLS) {
                String scenario = random.nextBoolean() ? RECOVERY : TEST;
                RunReport report = run(orders, scenario, random, KILLS - statistics.kills());
                assertThat(result(report))
                        .as("seed %d, after %d kills: %s", SEED, statistics.kills(), report.summary())
                        .isEqualTo(undisturbed.get(scenario));
            }
        } catch (Exception | AssertionError e) {
            keepLogs(orders);
            throw e;
        } finally {
            Files.writeString(Path.of("target", "fire-" + SEED + ".md"), statistics.page(), StandardCharsets.UTF_8);
            orders.close();
        }
    }

    /** One run, under fire if there is a random to draw it from; checked for what it left in the world. */
    private RunReport run(
            ProtectedOrders orders, String scenario, @org.jspecify.annotations.Nullable Random random, int most)
            throws Exception {
        Attack.Truth attack = scenario.equals(RECOVERY) ? orders.strike() : null;
        WorkflowStub run = attack == null ? orders.start("shipped:" + TEST) : orders.recover(attack);
        CompletableFuture<RunReport> following =
                CompletableFuture.supplyAsync(() -> follow(orders, run, attack != null));
        RunReport report;
        if (random == null) {
            report = await(following, run);
        } else {
            try (Fire fire = Fire.begin(random, victims(orders), most, there(usual.get(scenario)))) {
                report = await(following, run);
                statistics.add(report, fire.end());
            }
        }
        assertThat(report.verdict()).as(report.summary()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        if (attack != null) {
            assertThat(there(report.results().returned()).back()).isEqualTo(attack.rows());
            assertThat(orders.ledger().passed()).as(orders.ledger().line()).isTrue();
        }
        assertThat(orders.copies()).as("copies that are left").isEmpty();
        assertThat(serversOf(orders.stack().copies()))
                .as("servers of copies that still run")
                .isEmpty();
        return report;
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

    /** The hooks: whoever adds a process to the stack adds it here. */
    private static List<Fire.Victim> victims(ProtectedOrders orders) {
        return List.of(
                new Fire.Victim("control worker", () -> orders.control().kill(), orders::startControl),
                new Fire.Victim("host worker", () -> orders.host().kill(), orders::startHost),
                new Fire.Victim(
                        "Temporal server",
                        () -> orders.temporal().kill(),
                        () -> orders.temporal().restart()));
    }

    private static RunReport follow(ProtectedOrders orders, WorkflowStub run, boolean approved) {
        if (approved) {
            approve(orders, run);
        }
        try {
            return orders.finish(run);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** As a person would: again, until the run says that it does not wait any more. */
    private static void approve(ProtectedOrders orders, WorkflowStub run) {
        ProtectedOrders.eventually("the approval is answered")
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> {
                    RunStatus status = run.query("status", RunStatus.class);
                    if (status.answers().stream().anyMatch(answer -> answer.accepted())) {
                        return true;
                    }
                    if (status.waiting() != null) {
                        orders.approve(run, status);
                    }
                    return false;
                });
    }

    private RunReport await(CompletableFuture<RunReport> following, WorkflowStub run) throws Exception {
        try {
            return following.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(
                    "Seed " + SEED + ": the run hangs after " + statistics.kills() + " kills: "
                            + run.query("status", RunStatus.class),
                    e);
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
        for (String folder : List.of("logs", "temporal")) {
            try (Stream<Path> files = Files.list(orders.folder().resolve(folder))) {
                for (Path file :
                        files.filter(each -> each.toString().endsWith(".log")).toList()) {
                    Files.copy(file, to.resolve(file.getFileName()));
                }
            }
        }
    }
}
