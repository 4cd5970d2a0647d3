package dev.muster.workflows.run;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.yaml.RunbookFiles;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.approval.ApprovalClaims;
import dev.muster.workflows.approval.ApprovalTokens;
import dev.muster.workflows.approval.ApproverKey;
import dev.muster.workflows.approval.Gate;
import dev.muster.workflows.approval.TrustedApprovers;
import dev.muster.workflows.backup.BackupImpl;
import dev.muster.workflows.recording.RefreshIndexImpl;
import dev.muster.workflows.recording.RunRecorder;
import dev.muster.workflows.recording.RunRecorderImpl;
import dev.muster.workflows.recording.ScheduleRecorderImpl;
import dev.muster.workflows.recovery.PointInTimeRecoveryImpl;
import dev.muster.workflows.recovery.RestoreTestImpl;
import dev.muster.workflows.schedules.ScheduledRunImpl;
import dev.muster.workflows.schedules.ScheduledRunRequest;
import dev.muster.workflows.stores.ExpireImpl;
import dev.muster.workflows.stores.ReplicateImpl;
import dev.muster.workflows.stores.VerifyImpl;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.common.SearchAttributes;
import io.temporal.common.WorkflowExecutionHistory;
import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.Worker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/**
 * The system orders with all its workers in this process, against Temporal's time-skipping server: a wait of the
 * workflow for days takes no time here. Time stands still but while a test waits for a run's result.
 */
final class RunWorld implements AutoCloseable {
    static final String RUN = "01KAJ7ZQ5V3M9X2W8R4T6Y0ABC";
    static final String OTHER_RUN = "01KAJ7ZQ5V3M9X2W8R4T6Y0ABD";
    static final String REQUESTER = "kim";

    final Calls calls = new Calls();
    final OrdersState state = new OrdersState();
    final HostFake host = new HostFake(calls, state);
    final SiteFake site = new SiteFake(calls, state);
    final ApproverKey alice = ApproverKey.generate("alice", Set.of("approver"));
    final ApproverKey kim = ApproverKey.generate(REQUESTER, Set.of("approver"));
    final ControlFake control;
    final CatalogFake catalog = new CatalogFake(calls);
    final RunStarter starter;
    private final TestWorkflowEnvironment environment;
    private int times;

    private RunWorld(boolean withHost, boolean withAttributes) {
        environment = TestWorkflowEnvironment.newInstance(TestEnvironmentOptions.newBuilder()
                .setInitialTime(OrdersState.NOW)
                // In the histories, where a machine's name has no business.
                .setWorkflowClientOptions(WorkflowClientOptions.newBuilder()
                        .setIdentity("muster-test")
                        .build())
                .build());
        control = new ControlFake(calls, new TrustedApprovers(List.of(alice, kim)), this::now);
        starter = new RunStarter(client());
        Worker runs = environment.newWorker(TaskQueues.MUSTER);
        runs.registerWorkflowImplementationTypes(
                ScenarioRun.OPTIONS,
                BackupImpl.class,
                PointInTimeRecoveryImpl.class,
                RestoreTestImpl.class,
                VerifyImpl.class,
                ReplicateImpl.class,
                ExpireImpl.class);
        runs.registerWorkflowImplementationTypes(
                RunRecorderImpl.class, RefreshIndexImpl.class, ScheduledRunImpl.class, ScheduleRecorderImpl.class);
        environment.newWorker(TaskQueues.CONTROL).registerActivitiesImplementations(control);
        environment.newWorker(TaskQueues.CATALOG).registerActivitiesImplementations(catalog);
        environment.newWorker(TaskQueues.site("berlin")).registerActivitiesImplementations(site);
        if (withHost) {
            Worker worker = environment.newWorker(TaskQueues.host("db1"));
            worker.registerActivitiesImplementations(host);
        }
        if (withAttributes) {
            RunAttributes.ALL.forEach(key -> environment.registerSearchAttribute(key.getName(), key.getValueType()));
        }
        environment.start();
    }

    static RunWorld start() {
        return new RunWorld(true, true);
    }

    /** With a catalogue that keeps the runs' records. */
    static RunWorld startRecorded() {
        RunWorld world = new RunWorld(true, true);
        world.control.recorded = true;
        return world;
    }

    /** The host's worker is away from the beginning. */
    static RunWorld startWithoutHost() {
        return new RunWorld(false, true);
    }

    /** On a Temporal server that does not know Muster's search attributes. */
    static RunWorld startWithoutAttributes() {
        return new RunWorld(true, false);
    }

    WorkflowClient client() {
        return environment.getWorkflowClient();
    }

    /** Lets time pass for all that is under way. */
    void sleep(Duration duration) {
        environment.sleep(duration);
    }

    Instant now() {
        return Instant.ofEpochMilli(environment.currentTimeMillis());
    }

    static RunRequest request(Scenario scenario, String runId, boolean dryRun) {
        return request(
                runId, dryRun, RunbookFiles.source("shipped:" + scenario.id()).text());
    }

    static RunRequest request(String runId, boolean dryRun, String runbook) {
        return new RunRequest(
                RunRequest.SCHEMA,
                runId,
                REQUESTER,
                dryRun,
                new RunRequest.SourceFile("runbook.yaml", runbook),
                new RunRequest.SourceFile("orders.yaml", orders()));
    }

    static String orders() {
        try (var in = Objects.requireNonNull(RunWorld.class.getResourceAsStream("/dev/muster/workflows/orders.yaml"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the scenario's shipped runbook. */
    WorkflowStub run(Scenario scenario) {
        return starter.start(scenario, "orders", request(scenario, RUN, false));
    }

    /** What the server starts at a time of a schedule of the scenario's shipped runbook. */
    WorkflowStub schedule(String scenario, String name) {
        return schedule(scenario, name, SearchAttributes.EMPTY);
    }

    /** The same with what the server finds it by. */
    WorkflowStub schedule(String scenario, String name, SearchAttributes attributes) {
        RunRequest files = request(
                Arrays.stream(Scenario.values())
                        .filter(known -> known.id().equals(scenario))
                        .findFirst()
                        .orElse(Scenario.BACKUP),
                RUN,
                false);
        WorkflowStub scheduled = client().newUntypedWorkflowStub(
                        ScheduledRunRequest.WORKFLOW,
                        WorkflowOptions.newBuilder()
                                .setWorkflowId("schedule/orders/" + name + "-" + times++)
                                .setTypedSearchAttributes(attributes)
                                .setTaskQueue(TaskQueues.MUSTER)
                                .build());
        scheduled.start(new ScheduledRunRequest(
                ScheduledRunRequest.SCHEMA, "orders/" + name, scenario, "orders", files.runbook(), files.system()));
        return scheduled;
    }

    /** The run that changes the system, once there is one. */
    WorkflowStub change() {
        WorkflowStub change = client().newUntypedWorkflowStub("change/orders");
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(10))
                .ignoreExceptionsInstanceOf(WorkflowNotFoundException.class)
                .until(() -> handle(change).status() != null);
        return change;
    }

    Run handle(WorkflowStub run) {
        return client().newWorkflowStub(Run.class, id(run));
    }

    private static String id(WorkflowStub run) {
        return Objects.requireNonNull(run.getExecution()).getWorkflowId();
    }

    /** Waits until the run's status is as wanted, and answers with it. */
    RunStatus until(WorkflowStub run, Predicate<RunStatus> wanted) {
        AtomicReference<RunStatus> last = new AtomicReference<>();
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> {
                    last.set(handle(run).status());
                    return wanted.test(last.get());
                });
        return Objects.requireNonNull(last.get());
    }

    RunStatus untilWaiting(WorkflowStub run) {
        return until(run, status -> status.state() == RunStatus.State.WAITING_FOR_APPROVAL);
    }

    /** What an approver's command line signs for the plan that the run shows. */
    String token(ApproverKey by, RunStatus shown) {
        return token(
                by, shown.workflowId(), shown.runId(), Objects.requireNonNull(shown.planHash()), shown.requester());
    }

    String token(ApproverKey by, String runId, String planHash, String requester) {
        return token(by, "change/orders", runId, planHash, requester);
    }

    private String token(ApproverKey by, String workflowId, String runId, String planHash, String requester) {
        return ApprovalTokens.mint(
                by,
                new ApprovalClaims(
                        "01KAJ7ZQ5V3M9X2W8R4T6Y0XYZ",
                        workflowId,
                        runId,
                        Gate.EXECUTE,
                        planHash,
                        0,
                        requester,
                        now(),
                        now().plus(Duration.ofMinutes(30))));
    }

    /** Waits until the run asks, and approves as alice. */
    ApprovalAnswer approve(WorkflowStub run) {
        return handle(run).approve(token(alice, untilWaiting(run)));
    }

    RunReport result(WorkflowStub run) {
        return run.getResult(RunReport.class);
    }

    /** The failure that a run ends with. */
    ApplicationFailure failure(WorkflowStub run) {
        AtomicReference<ApplicationFailure> found = new AtomicReference<>();
        assertThatThrownBy(() -> result(run))
                .isInstanceOf(WorkflowFailedException.class)
                .cause()
                .isInstanceOfSatisfying(ApplicationFailure.class, found::set);
        return Objects.requireNonNull(found.get());
    }

    /**
     * Ends a run by hand when it has nothing to do. Temporal's test service does not skip time while a workflow task is
     * open, and one that its run's end leaves open stays so for good.
     */
    void terminate(WorkflowStub run) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> !hasOpenTask(history(run)) && !awaitsAnAnswer(history(run)));
        run.terminate("by hand");
    }

    private static boolean hasOpenTask(WorkflowExecutionHistory history) {
        return count(history, EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED)
                > count(history, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED);
    }

    /** Its signal to another workflow is on the way; the answer makes a task. */
    private static boolean awaitsAnAnswer(WorkflowExecutionHistory history) {
        return count(history, EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED)
                > count(history, EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_SIGNALED)
                        + count(history, EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED);
    }

    private static long count(WorkflowExecutionHistory history, EventType type) {
        return history.getEvents().stream()
                .filter(event -> event.getEventType() == type)
                .count();
    }

    /** The recorder of a run. */
    WorkflowStub recorder(String runId) {
        return client().newUntypedWorkflowStub(RunRecorder.workflowId(runId));
    }

    /** The recorder of an entry that a scheduled run made in its schedule's log. */
    WorkflowStub recorder(WorkflowStub scheduled, String entry) {
        return await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(10))
                .until(
                        () -> history(scheduled).getEvents().stream()
                                .filter(HistoryEvent::hasChildWorkflowExecutionStartedEventAttributes)
                                .map(event -> event.getChildWorkflowExecutionStartedEventAttributes()
                                        .getWorkflowExecution()
                                        .getWorkflowId())
                                .filter(id -> id.startsWith("record/schedule/orders/") && id.endsWith("/" + entry))
                                .findFirst(),
                        Optional::isPresent)
                .map(client()::newUntypedWorkflowStub)
                .orElseThrow();
    }

    WorkflowExecutionHistory history(WorkflowStub run) {
        return client().fetchHistory(run.getExecution().getWorkflowId());
    }

    @Override
    public void close() {
        environment.close();
    }
}
