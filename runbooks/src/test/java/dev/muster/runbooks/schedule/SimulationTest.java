package dev.muster.runbooks.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.runbooks.schedule.Simulation.Expected;
import dev.muster.runbooks.schedule.Simulation.Fate;
import dev.muster.runbooks.schedule.Simulation.Start;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SimulationTest {
    private static final Instant FROM = Instant.parse("2026-12-01T00:00:00Z");

    private static Schedule schedule(String name, String cron, Overlap overlap, Duration jitter) {
        return new Schedule(
                name,
                "orders",
                "shipped:backup",
                TimetableTest.timetable("UTC", cron),
                jitter,
                overlap,
                Schedule.DEFAULT_CATCH_UP,
                Optional.empty(),
                false);
    }

    private static Simulation hours(long hours, Expected... expected) {
        return Simulation.of(List.of(expected), FROM, FROM.plus(Duration.ofHours(hours)));
    }

    private static Expected lasting(Schedule schedule, String duration) {
        return new Expected(schedule, Optional.of(Duration.parse(duration)));
    }

    private static List<Fate> fates(Simulation simulation) {
        return simulation.starts().stream().map(Start::fate).toList();
    }

    @Test
    void whileARunIsUnderWayTheNextTimesAreSkipped() {
        assertThat(fates(hours(4, lasting(schedule("hourly", "0 * * * *", Overlap.SKIP, Duration.ZERO), "PT2H30M"))))
                .containsExactly(Fate.STARTS, Fate.SKIPPED, Fate.SKIPPED, Fate.STARTS);
    }

    @Test
    void whenARunEndsJustAtTheNextTimeThatOneStarts() {
        assertThat(fates(hours(3, lasting(schedule("hourly", "0 * * * *", Overlap.SKIP, Duration.ZERO), "PT1H"))))
                .containsOnly(Fate.STARTS);
    }

    @Test
    void oneRunWaitsForThePreviousAndFurtherOnesAreSkipped() {
        Simulation simulation =
                hours(5, lasting(schedule("hourly", "0 * * * *", Overlap.BUFFER_ONE, Duration.ZERO), "PT2H30M"));
        assertThat(fates(simulation))
                .containsExactlyInAnyOrder(Fate.STARTS, Fate.WAITS, Fate.SKIPPED, Fate.WAITS, Fate.SKIPPED);
        assertThat(simulation.starts().stream()
                        .filter(start -> start.fate() == Fate.WAITS)
                        .map(Start::earliest))
                .containsExactly(Instant.parse("2026-12-01T02:30:00Z"), Instant.parse("2026-12-01T05:00:00Z"));
    }

    @Test
    void jitterMakesAnIntervalAndWhatDependsOnItIsCalledPossible() {
        Schedule jittered = schedule("hourly", "0 * * * *", Overlap.SKIP, Duration.ofMinutes(20));
        Simulation simulation = hours(2, lasting(jittered, "PT50M"));
        Start first = simulation.starts().get(0);
        assertThat(first.earliest()).isEqualTo(FROM);
        assertThat(first.latest()).isEqualTo(FROM.plus(Duration.ofMinutes(20)));
        assertThat(fates(simulation)).containsExactly(Fate.STARTS, Fate.MAY_BE_SKIPPED);
    }

    @Test
    void jitterNeverReachesBeyondTheNextTime() {
        Schedule jittered = schedule("often", "*/10 * * * *", Overlap.SKIP, Duration.ofHours(1));
        assertThat(hours(1, new Expected(jittered, Optional.empty()))
                        .starts()
                        .get(0)
                        .latest())
                .isEqualTo(FROM.plus(Duration.ofMinutes(10)));
    }

    @Test
    void schedulesOfOneSystemThatRunAtTheSameTimeAreTold() {
        Simulation simulation = hours(
                6,
                lasting(schedule("backup", "0 2 * * *", Overlap.SKIP, Duration.ofMinutes(10)), "PT1H"),
                lasting(schedule("test", "5 3 * * *", Overlap.SKIP, Duration.ZERO), "PT1H"),
                lasting(schedule("late", "0 5 * * *", Overlap.SKIP, Duration.ZERO), "PT1H"));
        assertThat(simulation.starts().stream().map(Start::overlaps))
                .containsExactly(List.of("orders/test"), List.of("orders/backup"), List.of());
    }

    @Test
    void moreStartsThanTheBoundAreLeftOutAndSaidSo() {
        Simulation simulation = hours(
                24 * 7, new Expected(schedule("often", "* * * * *", Overlap.SKIP, Duration.ZERO), Optional.empty()));
        assertThat(simulation.complete()).isFalse();
        assertThat(simulation.starts()).hasSize(Simulation.MOST);
    }
}
