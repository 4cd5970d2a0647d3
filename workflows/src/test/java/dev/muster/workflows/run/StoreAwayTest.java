package dev.muster.workflows.run;

import static dev.muster.workflows.run.FailedStepTest.failing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.FailureType;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs that need a store which is away for hours, with the hours skipped. */
class StoreAwayTest {
    private static final String AWAY = "STORE_UNREACHABLE: The store does not answer. Hint: look at it.";

    /** Tried every half minute, with shorter pauses at first. */
    private static final int OVER_FOUR_HOURS = 500;

    private final RunWorld world = RunWorld.start();

    @AfterEach
    void close() {
        world.close();
    }

    private void away(String activity, int times) {
        world.calls.fail(
                activity,
                Stream.generate(() -> failing(FailureType.UNAVAILABLE, AWAY))
                        .limit(times)
                        .toArray(RuntimeException[]::new));
    }

    private static Duration duration(RunReport report) {
        return Duration.between(report.started(), report.ended());
    }

    @ParameterizedTest
    @EnumSource(names = {"BACKUP", "VERIFY", "REPLICATE", "EXPIRE"})
    @DisplayName("Repository and stores 6: a run that begins while the store is away waits for it")
    void theStoreIsAwayWhenTheRunBegins(Scenario scenario) {
        away("ObserveRepository", OVER_FOUR_HOURS);
        RunReport report = world.result(world.run(scenario));
        assertThat(report.verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        assertThat(duration(report)).isBetween(Duration.ofHours(4), Duration.ofHours(5));
    }

    @Test
    @DisplayName("Repository and stores 6: a replica that is away for hours gets its copy, and holds up no other")
    void aReplicaIsAway() {
        away("ReplicateStore replicate-offsite", OVER_FOUR_HOURS);
        RunReport report = world.result(world.run(Scenario.REPLICATE));
        assertThat(report.verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        assertThat(report.results().replicated()).hasSize(2);
        assertThat(report.steps())
                .filteredOn(step -> step.id().equals("replicate-archive"))
                .allSatisfy(step -> assertThat(Duration.between(report.started(), Objects.requireNonNull(step.ended())))
                        .isLessThan(Duration.ofMinutes(1)));
    }

    @Test
    @DisplayName("Repository and stores 6: a run whose store is away for more than a day fails, and says why")
    void theStoreStaysAway() {
        away("ObserveRepository", 10_000);
        ApplicationFailure failure = world.failure(world.run(Scenario.VERIFY));
        assertThat(failure.getOriginalMessage()).isEqualTo(AWAY);
        RunReport report = failure.getDetails().get(RunReport.class);
        assertThat(duration(report)).isBetween(Duration.ofHours(23), Duration.ofHours(25));
    }

    @Test
    @DisplayName("Who asks for a plan only, or recovers, is told soon that the store is away")
    void somebodyWaitsForTheAnswer() {
        away("ObserveRepository", 100);
        WorkflowStub planned =
                world.starter.start(Scenario.VERIFY, "orders", RunWorld.request(Scenario.VERIFY, RunWorld.RUN, true));
        ApplicationFailure failure = world.failure(planned);
        assertThat(failure.getOriginalMessage()).isEqualTo(AWAY);
        assertThat(duration(failure.getDetails().get(RunReport.class))).isLessThan(Duration.ofMinutes(2));

        assertThat(world.failure(world.run(Scenario.POINT_IN_TIME_RECOVERY)).getOriginalMessage())
                .isEqualTo(AWAY);
    }
}
