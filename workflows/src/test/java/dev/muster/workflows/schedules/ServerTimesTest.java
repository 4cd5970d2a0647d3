package dev.muster.workflows.schedules;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.muster.runbooks.schedule.Cron;
import dev.muster.runbooks.schedule.CronException;
import dev.muster.runbooks.schedule.Overlap;
import dev.muster.runbooks.schedule.Simulation;
import dev.muster.runbooks.schedule.Timetable;
import io.temporal.api.workflowservice.v1.ListScheduleMatchingTimesRequest;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.ScheduleSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The moments that a simulation tells are those at which a real server starts, through changes of the clocks. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("server")
class ServerTimesTest {
    private static final int MOST_TIMES_OF_THE_SERVER = 1000;

    private RealTemporal temporal;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        temporal = RealTemporal.start(folder);
    }

    @AfterAll
    void stop() {
        if (temporal != null) {
            temporal.close();
        }
    }

    private static Timetable timetable(String zone, String... crons) {
        return new Timetable(
                Arrays.stream(crons)
                        .map(text -> {
                            try {
                                return Cron.parse(text);
                            } catch (CronException e) {
                                throw new IllegalArgumentException(e);
                            }
                        })
                        .toList(),
                ZoneId.of(zone));
    }

    /** A year, in pieces that the server's bound allows. */
    private List<Instant> server(String id, Instant from, Instant to) {
        List<Instant> times = new ArrayList<>();
        // The server leaves the beginning out and takes the end in.
        Instant start = from.minusSeconds(1);
        while (true) {
            List<Timestamp> answer = temporal.service()
                    .blockingStub()
                    .listScheduleMatchingTimes(ListScheduleMatchingTimesRequest.newBuilder()
                            .setNamespace("default")
                            .setScheduleId(id)
                            .setStartTime(timestamp(start))
                            .setEndTime(timestamp(to.minusSeconds(1)))
                            .build())
                    .getStartTimeList();
            answer.forEach(time -> times.add(Instant.ofEpochSecond(time.getSeconds(), 0)));
            if (answer.size() < MOST_TIMES_OF_THE_SERVER) {
                return times;
            }
            start = times.get(times.size() - 1);
        }
    }

    private static List<Instant> onlyIn(List<Instant> some, List<Instant> others) {
        Set<Instant> known = new HashSet<>(others);
        return some.stream().filter(time -> !known.contains(time)).toList();
    }

    private static Timestamp timestamp(Instant time) {
        return Timestamp.newBuilder().setSeconds(time.getEpochSecond()).build();
    }

    private void create(String id, ScheduleSpec spec) {
        ScheduleClient.newInstance(temporal.service())
                .createSchedule(
                        id,
                        Schedule.newBuilder()
                                .setAction(ScheduleActionStartWorkflow.newBuilder()
                                        .setWorkflowType("Nothing")
                                        .setOptions(WorkflowOptions.newBuilder()
                                                .setWorkflowId("nothing")
                                                .setTaskQueue("nobody")
                                                .build())
                                        .build())
                                .setSpec(spec)
                                .build(),
                        ScheduleOptions.newBuilder().build());
    }

    @ParameterizedTest
    @CsvSource({
        "UTC",
        "Europe/Berlin",
        "Europe/London",
        "America/New_York",
        "America/Havana",
        "America/St_Johns",
        "America/Sao_Paulo",
        "Asia/Kolkata",
        "Asia/Beirut",
        "Africa/Casablanca",
        "Africa/Cairo",
        "Australia/Adelaide",
        "Pacific/Auckland",
        "Pacific/Chatham",
        "Atlantic/Azores",
        "America/Santiago"
    })
    void aYearsMomentsOfManyCronsAreTheServers(String zone) {
        String[] crons = {
            "0 2 * * *",
            "30 1,2 * * *",
            "*/30 0-3 * * *",
            "0 * * * *",
            "15 */6 * * *",
            "0 0 * * 0",
            "59 23 * * 6",
            "0 3 * * 0",
            "0 4 1 * *",
            "0 0 31 1-12/2 *",
            "45 2 28-31 3,10,11 *",
        };
        Instant from = Instant.parse("2026-10-01T00:00:00Z");
        Instant to = Instant.parse("2027-12-01T00:00:00Z");
        for (int i = 0; i < crons.length; i++) {
            Timetable timetable = timetable(zone, crons[i]);
            String id = zone.replace('/', '-') + i;
            create(id, ScheduleTranslation.spec(timetable, Duration.ZERO));
            List<Instant> simulated = timetable.between(from, to, 100_000);
            List<Instant> served = server(id, from, to);
            assertThat(simulated).hasSizeGreaterThan(3);
            assertThat(onlyIn(simulated, served))
                    .as("%s in %s: simulated, but not by the server", crons[i], zone)
                    .isEmpty();
            assertThat(onlyIn(served, simulated))
                    .as("%s in %s: by the server, but not simulated", crons[i], zone)
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"*/20 2-4,22 * * 1-5", "0 4 1 jan,JUL *", "30 3 * * fri-7", "1-50/7 0 * 2-3 *", "0 1 29 2 *"})
    void aCronMeansWhatTheServerReadsInItsText(String cron) {
        String id = "text " + cron;
        Instant from = Instant.parse("2027-01-01T00:00:00Z");
        Instant to = Instant.parse("2029-01-01T00:00:00Z");
        create(
                id,
                ScheduleSpec.newBuilder()
                        .setCronExpressions(List.of(cron))
                        .setTimeZoneName("Asia/Kolkata")
                        .build());
        assertThat(timetable("Asia/Kolkata", cron).between(from, to, 100_000))
                .isNotEmpty()
                .isEqualTo(server(id, from, to));
    }

    @Test
    void theNextActionTimesThatTheServerTellsAreTheSimulatedOnes() {
        Timetable timetable = timetable("Europe/Berlin", "0 5 * * *", "30 6 * * 1-5");
        create("next", ScheduleTranslation.spec(timetable, Duration.ZERO));
        List<Instant> next = ScheduleClient.newInstance(temporal.service())
                .getHandle("next")
                .describe()
                .getInfo()
                .getNextActionTimes();
        assertThat(next).hasSizeGreaterThan(5);
        assertThat(timetable.between(next.get(0), next.get(next.size() - 1).plusSeconds(1), 100))
                .isEqualTo(next);
    }

    @Test
    void theServersJitterStaysInsideOfTheSimulatedIntervals() {
        dev.muster.runbooks.schedule.Schedule schedule = new dev.muster.runbooks.schedule.Schedule(
                "often",
                "orders",
                "shipped:backup",
                timetable("UTC", "*/15 * * * *"),
                Duration.ofHours(1),
                Overlap.SKIP,
                Duration.ofHours(1),
                Optional.empty(),
                false);
        create("jitter", ScheduleTranslation.spec(schedule.timetable(), schedule.jitter()));
        List<Instant> next = ScheduleClient.newInstance(temporal.service())
                .getHandle("jitter")
                .describe()
                .getInfo()
                .getNextActionTimes();
        Simulation simulation = Simulation.of(
                List.of(new Simulation.Expected(schedule, Optional.empty())),
                next.get(0).minus(Duration.ofHours(1)),
                next.get(next.size() - 1).plusSeconds(1));
        assertThat(next)
                .hasSizeGreaterThan(5)
                .allSatisfy(time -> assertThat(simulation.starts())
                        .anySatisfy(start -> assertThat(time).isBetween(start.earliest(), start.latest())));
        assertThat(simulation.starts())
                .allSatisfy(start -> assertThat(Duration.between(start.earliest(), start.latest()))
                        .isEqualTo(Duration.ofMinutes(15)));
    }
}
