package dev.muster.workflows.schedules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.runbooks.schedule.Timetable;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.runbooks.yaml.ScheduleFiles;
import dev.muster.runbooks.yaml.ScheduleFiles.LoadedSchedule;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.recording.ScheduleRecorderImpl;
import dev.muster.workflows.schedules.ScheduleChange.Kind;
import dev.muster.workflows.schedules.ScheduleStatus.LastRun;
import dev.muster.workflows.schedules.ScheduleStatus.State;
import io.temporal.api.workflowservice.v1.ListWorkflowExecutionsRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.ScheduleSpec;
import io.temporal.client.schedules.ScheduleState;
import io.temporal.client.schedules.ScheduleUpdate;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.WorkerFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each test has a system of its own, so that none sees another's schedules. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("server")
class ScheduleBoardTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private RealTemporal temporal;
    private WorkflowClient client;
    private WorkerFactory workers;
    private ScheduleBoard board;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        temporal = RealTemporal.start(folder);
        client = temporal.client();
        board = new TemporalScheduleBoard(client, Clock.systemUTC());
        workers = WorkerFactory.newInstance(client);
        workers.newWorker(TaskQueues.MUSTER)
                .registerWorkflowImplementationTypes(
                        ScheduledRunImpl.class, ScheduleRecorderImpl.class, HeldBackup.class);
        workers.start();
    }

    @AfterAll
    void stop() {
        if (workers != null) {
            workers.shutdownNow();
        }
        if (temporal != null) {
            temporal.close();
        }
    }

    private static SourceText system(String name) {
        try (var in = Objects.requireNonNull(
                ScheduleBoardTest.class.getResourceAsStream("/dev/muster/workflows/orders.yaml"))) {
            String orders = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new SourceText(
                    "/somewhere/" + name + ".yaml",
                    orders.replaceFirst("metadata:\\s*\\{\\s*name: orders\\s*}", "metadata: {name: " + name + "}"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static LoadedSchedule schedule(String system, String name, String... lines) {
        return ScheduleFiles.read(List.of(
                        system(system),
                        new SourceText(
                                name + ".yaml",
                                "apiVersion: muster/v1\nkind: Schedule\nmetadata: {name: " + name + "}\nspec:\n"
                                        + "  system: " + system + "\n  runbook: shipped:backup\n  "
                                        + String.join("\n  ", lines) + "\n")))
                .get(0);
    }

    private static LoadedSchedule hourly(String system, String... lines) {
        return schedule(
                system,
                "hourly",
                "cron: [\"0 * * * *\"]\n  timeZone: UTC"
                        + (lines.length == 0 ? "" : "\n  " + String.join("\n  ", lines)));
    }

    private List<ScheduleChange> apply(LoadedSchedule... wanted) {
        List<ScheduleChange> applied = board.apply(List.of(wanted), false);
        assertThat(applied).allSatisfy(change -> assertThat(change.problem()).isNull());
        return applied;
    }

    private List<Kind> kinds(LoadedSchedule... wanted) {
        return board.plan(List.of(wanted), false).stream()
                .map(ScheduleChange::kind)
                .toList();
    }

    private static void refused(String code, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(SchedulesException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.hint()).isNotBlank();
        });
    }

    private ScheduleStatus until(String name, Predicate<ScheduleStatus> wanted) {
        return until(name, PATIENCE, wanted);
    }

    private ScheduleStatus until(String name, Duration patience, Predicate<ScheduleStatus> wanted) {
        AtomicReference<ScheduleStatus> last = new AtomicReference<>();
        await().atMost(patience).pollInterval(Duration.ofMillis(200)).until(() -> {
            last.set(board.find(name));
            return wanted.test(last.get());
        });
        return Objects.requireNonNull(last.get());
    }

    private LastRun untilLast(String name, State state) {
        return until(
                        name,
                        status ->
                                !status.last().isEmpty() && status.last().get(0).state() == state)
                .last()
                .get(0);
    }

    /** Runs of a system's backups that are under way. */
    private List<String> running(String system) {
        return client
                .getWorkflowServiceStubs()
                .blockingStub()
                .listWorkflowExecutions(ListWorkflowExecutionsRequest.newBuilder()
                        .setNamespace("default")
                        .setQuery("ExecutionStatus = 'Running' AND WorkflowId STARTS_WITH 'backup/" + system + "/'")
                        .build())
                .getExecutionsList()
                .stream()
                .map(info -> info.getExecution().getWorkflowId())
                .toList();
    }

    private void end(String system, String how) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(running(system)).isNotEmpty());
        running(system).forEach(id -> client.newUntypedWorkflowStub(id).signal("approval", how));
    }

    @Test
    void whatIsAppliedIsOnTheServerWithTheTimesOfItsTimetable() {
        LoadedSchedule wanted = schedule(
                "applied",
                "nightly",
                "cron: [\"30 1 * * 1-6\", \"0 4 * * sun\"]",
                "timeZone: Europe/Berlin",
                "overlap: buffer-one",
                "catchUp: 2h");
        assertThat(kinds(wanted)).containsExactly(Kind.CREATE);
        assertThat(board.list()).noneMatch(status -> status.name().startsWith("applied/"));
        apply(wanted);
        assertThat(kinds(wanted)).containsExactly(Kind.UNCHANGED);
        ScheduleStatus status = board.find("applied/nightly");
        assertThat(status.crons()).containsExactly("30 1 * * 1-6", "0 4 * * sun");
        assertThat(status.timeZone()).isEqualTo("Europe/Berlin");
        assertThat(status.overlap()).isEqualTo("buffer-one");
        assertThat(status.catchUpSeconds()).isEqualTo(7200);
        assertThat(status.runbook()).isEqualTo("shipped:backup");
        Timetable timetable = wanted.schedule().timetable();
        Instant first = status.next().get(0);
        assertThat(status.next())
                .isEqualTo(timetable.between(
                        first, first.plus(Duration.ofDays(60)), status.next().size()));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(board.list())
                        .extracting(ScheduleStatus::name)
                        .contains("applied/nightly"));
    }

    @Test
    void everyFieldThatDiffersIsToldAndMended() {
        apply(hourly("drifted"));
        ScheduleClient.newInstance(temporal.service())
                .getHandle("muster/drifted/hourly")
                .update(input -> {
                    Schedule current = input.getDescription().getSchedule();
                    return new ScheduleUpdate(Schedule.newBuilder(current)
                            .setSpec(ScheduleSpec.newBuilder(current.getSpec())
                                    .setCalendars(List.of())
                                    .setCronExpressions(List.of("0 3 * * *"))
                                    .setJitter(Duration.ofMinutes(3))
                                    .build())
                            .setState(ScheduleState.newBuilder(current.getState())
                                    .setLimitedAction(true)
                                    .setRemainingActions(2)
                                    .build())
                            .build());
                });
        LoadedSchedule wanted = hourly("drifted", "catchUp: 1h");
        ScheduleChange change = board.plan(List.of(wanted), false).get(0);
        assertThat(change.kind()).isEqualTo(Kind.UPDATE);
        assertThat(change.fields())
                .extracting(field -> field.field() + ": " + field.onServer() + " -> " + field.wanted())
                .containsExactly(
                        "cron: 0 3 * * * -> 0 * * * *",
                        "jitter: 3 min -> 0 s",
                        "catchUp: 6 h -> 1 h",
                        "limits: 2 runs left -> none");
        apply(wanted);
        assertThat(kinds(wanted)).containsExactly(Kind.UNCHANGED);
        assertThat(board.find("drifted/hourly").crons()).containsExactly("0 * * * *");
    }

    @Test
    void aChangedSystemFileIsADifferenceAndItsPathIsNot() {
        LoadedSchedule wanted = hourly("refiled");
        apply(wanted);
        SourceText moved = new SourceText("elsewhere.yaml", system("refiled").text());
        SourceText changed = new SourceText("elsewhere.yaml", moved.text() + "# by hand\n");
        assertThat(kinds(withSystem(wanted, moved))).containsExactly(Kind.UNCHANGED);
        assertThat(board.plan(List.of(withSystem(wanted, changed)), false)
                        .get(0)
                        .fields())
                .extracting(ScheduleChange.Difference::field)
                .containsExactly("system");
    }

    private static LoadedSchedule withSystem(LoadedSchedule loaded, SourceText system) {
        return new LoadedSchedule(
                loaded.schedule(),
                new RunbookFiles.LoadedRunbook(
                        loaded.runbook().resolved(), loaded.runbook().source(), system));
    }

    @Test
    void aScheduleThatWasPausedByHandStaysPausedWhenItIsAppliedUntilItIsResumed() {
        apply(hourly("paused"));
        board.pause("paused/hourly", "kim: the disk is full");
        apply(hourly("paused", "jitter: 1m"));
        ScheduleStatus status = board.find("paused/hourly");
        assertThat(status.paused()).isTrue();
        assertThat(status.note()).isEqualTo("kim: the disk is full");
        assertThat(status.next()).isEmpty();
        assertThat(status.jitterSeconds()).isEqualTo(60);
        board.resume("paused/hourly", "kim: mended");
        assertThat(board.find("paused/hourly").paused()).isFalse();
        assertThat(board.find("paused/hourly").next()).isNotEmpty();
        assertThat(board.plan(List.of(hourly("paused", "jitter: 1m", "paused: {note: in the file}")), false)
                        .get(0)
                        .fields())
                .containsExactly(new ScheduleChange.Difference("paused", "no", "paused: in the file"));
        refused("SCHEDULE_NOTE_MISSING", () -> board.pause("paused/hourly", " "));
    }

    @Test
    void whatNoFileHoldsIsLeftAloneOrDeletedAndOtherSystemsAreNotLookedAt() {
        LoadedSchedule kept = hourly("unmanaged");
        apply(kept, schedule("unmanaged", "old", "cron: [\"0 1 * * *\"]", "timeZone: UTC"), hourly("bystander"));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(kinds(kept)).containsExactly(Kind.UNCHANGED, Kind.UNMANAGED));
        assertThat(board.plan(List.of(kept), true).stream().map(ScheduleChange::kind))
                .containsExactly(Kind.UNCHANGED, Kind.DELETE);
        apply(kept);
        assertThat(board.find("unmanaged/old").name()).isEqualTo("unmanaged/old");
        assertThat(board.apply(List.of(kept), true).stream().map(ScheduleChange::kind))
                .containsExactly(Kind.UNCHANGED, Kind.DELETE);
        refused("SCHEDULE_NOT_FOUND", () -> board.find("unmanaged/old"));
        assertThat(board.find("bystander/hourly").name()).isEqualTo("bystander/hourly");
    }

    @Test
    void aScheduleThatSomebodyElseMadeIsNeitherShownNorTouched() {
        for (String id : List.of("muster/foreign/hourly", "payroll")) {
            ScheduleClient.newInstance(temporal.service())
                    .createSchedule(
                            id,
                            Schedule.newBuilder()
                                    .setAction(ScheduleActionStartWorkflow.newBuilder()
                                            .setWorkflowType("Payroll")
                                            .setOptions(WorkflowOptions.newBuilder()
                                                    .setWorkflowId("payroll")
                                                    .setTaskQueue("payroll")
                                                    .build())
                                            .build())
                                    .setSpec(ScheduleSpec.newBuilder()
                                            .setCronExpressions(List.of("0 3 * * *"))
                                            .build())
                                    .build(),
                            ScheduleOptions.newBuilder().build());
        }
        await().atMost(PATIENCE)
                .until(() -> ScheduleClient.newInstance(temporal.service())
                                .listSchedules()
                                .filter(each -> each.getScheduleId().equals("payroll")
                                        || each.getScheduleId().equals("muster/foreign/hourly"))
                                .count()
                        == 2);
        assertThat(board.list()).noneMatch(status -> status.name().startsWith("foreign/"));
        refused("SCHEDULE_FOREIGN", () -> board.apply(List.of(hourly("foreign")), true));
        refused("SCHEDULE_FOREIGN", () -> board.delete("foreign/hourly"));
        refused("SCHEDULE_NOT_FOUND", () -> board.delete("payroll"));
    }

    @Test
    void aTriggeredRunIsStartedAndItsEndIsSeenOnTheBoard() {
        apply(hourly("triggered"));
        board.trigger("triggered/hourly");
        untilLast("triggered/hourly", State.RUNNING);
        refused("SCHEDULED_RUN_UNDER_WAY", () -> board.trigger("triggered/hourly"));
        end("triggered", "end");
        LastRun last = untilLast("triggered/hourly", State.SUCCEEDED);
        assertThat(last.workflowId()).startsWith("schedule/triggered/hourly-");
        assertThat(last.reason()).isEqualTo("Held until told, of triggered/hourly");
        ScheduledRunReport report =
                client.newUntypedWorkflowStub(last.workflowId()).getResult(ScheduledRunReport.class);
        assertThat(report.runId()).isEqualTo(last.runId());
        assertThat(report.workflowId()).isEqualTo("backup/triggered/" + last.runId());
        assertThat(report.scheduledFor())
                .isCloseTo(Instant.now(), org.assertj.core.api.Assertions.within(5, ChronoUnit.MINUTES));
        assertThat(Objects.requireNonNull(report.report()).requester()).isEqualTo("schedule:triggered/hourly");
    }

    @Test
    void atItsTimeTheServerStartsARunAndSkipsItWhileThePreviousIsUnderWay() {
        String[] everyMinute = {"cron: [\"* * * * *\"]", "timeZone: UTC"};
        LoadedSchedule busy = schedule("busy", "minutely", everyMinute);
        apply(busy, schedule("idle", "minutely", everyMinute));
        board.trigger("busy/minutely");
        untilLast("busy/minutely", State.RUNNING);
        ScheduleStatus started = until(
                "idle/minutely", Duration.ofMinutes(2), status -> !status.last().isEmpty());
        assertThat(started.last().get(0).scheduledFor())
                .isEqualTo(started.last().get(0).scheduledFor().truncatedTo(ChronoUnit.MINUTES));
        until("busy/minutely", Duration.ofMinutes(2), status -> status.skipped() > 0);
        assertThat(running("busy")).hasSize(1);
        board.delete("busy/minutely");
        board.delete("idle/minutely");
        end("busy", "end");
        end("idle", "end");
    }

    @Test
    void aFailedRunAndOneThatWasEndedFromOutsideAreSeenWithTheirReason() {
        apply(hourly("failing"));
        board.trigger("failing/hourly");
        end("failing", "fail");
        LastRun failed = untilLast("failing/hourly", State.FAILED);
        assertThat(failed.reason()).isEqualTo("STORE_FULL: it is.");
        assertThat(failed.runId()).isNotNull();
        board.trigger("failing/hourly");
        until("failing/hourly", status -> status.last().get(0).state() == State.RUNNING);
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(running("failing")).hasSize(1));
        client.newUntypedWorkflowStub(running("failing").get(0)).terminate("by hand");
        LastRun ended = until(
                        "failing/hourly",
                        status -> status.last().get(0).state() == State.FAILED
                                && status.last().size() == 2)
                .last()
                .get(0);
        assertThat(ended.reason()).startsWith("RUN_ENDED_OUTSIDE: ");
    }

    @Test
    void pastTimesAreMadeUpForOneAfterTheOther() {
        apply(hourly("backfilled"));
        Instant to = Instant.now().truncatedTo(ChronoUnit.HOURS);
        Instant from = to.minus(Duration.ofHours(2));
        assertThat(board.backfill("backfilled/hourly", from, to)).containsExactly(from, from.plus(Duration.ofHours(1)));
        for (int run = 0; run < 2; run++) {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(() -> assertThat(running("backfilled")).hasSize(1));
            String id = running("backfilled").get(0);
            client.newUntypedWorkflowStub(id).signal("approval", "end");
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(() -> assertThat(running("backfilled")).doesNotContain(id));
        }
        ScheduleStatus status = until(
                "backfilled/hourly",
                each -> each.last().size() == 2
                        && each.last().stream().allMatch(last -> last.state() == State.SUCCEEDED));
        assertThat(status.last())
                .extracting(LastRun::scheduledFor)
                .containsExactly(from.plus(Duration.ofHours(1)), from);
    }

    @Test
    void aBackfillOfNothingOfTooMuchOrOfTheFutureIsRefused() {
        apply(hourly("bounded"));
        Instant now = Instant.now().truncatedTo(ChronoUnit.HOURS);
        refused("BACKFILL_TOO_MANY", () -> board.backfill("bounded/hourly", now.minus(Duration.ofHours(51)), now));
        refused(
                "BACKFILL_EMPTY",
                () -> board.backfill(
                        "bounded/hourly", now.minus(Duration.ofMinutes(50)), now.minus(Duration.ofMinutes(10))));
        refused("BACKFILL_TIMES_WRONG", () -> board.backfill("bounded/hourly", now, now));
        refused(
                "BACKFILL_TIMES_WRONG",
                () -> board.backfill("bounded/hourly", now, Instant.now().plus(Duration.ofHours(1))));
        assertThat(board.find("bounded/hourly").last()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"missing/hourly", "hourly", "muster/a/b", "", "../x", "A/b"})
    void aScheduleThatIsNotThereIsSaidSo(String name) {
        refused("SCHEDULE_NOT_FOUND", () -> board.find(name));
        refused("SCHEDULE_NOT_FOUND", () -> board.pause(name, "why"));
        refused("SCHEDULE_NOT_FOUND", () -> board.trigger(name));
        refused("SCHEDULE_NOT_FOUND", () -> board.delete(name));
    }

    @Test
    void aServerWithoutSchedulesIsSaidSo() {
        try (TestWorkflowEnvironment environment = TestWorkflowEnvironment.newInstance()) {
            ScheduleBoard without = new TemporalScheduleBoard(environment.getWorkflowClient(), Clock.systemUTC());
            refused("SCHEDULES_NOT_SUPPORTED", without::list);
            refused("SCHEDULES_NOT_SUPPORTED", () -> without.plan(List.of(hourly("nowhere")), false));
            refused("SCHEDULES_NOT_SUPPORTED", () -> without.trigger("nowhere/hourly"));
        }
    }
}
