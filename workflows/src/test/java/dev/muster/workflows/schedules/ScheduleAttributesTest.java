package dev.muster.workflows.schedules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.runbooks.yaml.ScheduleFiles;
import dev.muster.runbooks.yaml.ScheduleFiles.LoadedSchedule;
import dev.muster.runbooks.yaml.SourceText;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.connection.SearchAttributeRegistration;
import dev.muster.workflows.connection.TemporalConnection;
import dev.muster.workflows.recording.ScheduleRecorderImpl;
import dev.muster.workflows.run.RunAttributes;
import dev.muster.workflows.schedules.ScheduleChange.Difference;
import dev.muster.workflows.schedules.ScheduleChange.Kind;
import io.temporal.api.operatorservice.v1.RemoveSearchAttributesRequest;
import io.temporal.api.workflowservice.v1.ListWorkflowExecutionsRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.OperatorServiceStubs;
import io.temporal.serviceclient.OperatorServiceStubsOptions;
import io.temporal.worker.WorkerFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a schedule's workflows are found by, on a server that comes to know it, and then no longer all of it. */
@Tag("server")
class ScheduleAttributesTest {
    private static final Duration SOON = Duration.ofSeconds(40);
    private static final String FOUND_BY = "MusterSystem orders, MusterScenario backup";

    private static final String HOURLY = """
            apiVersion: muster/v1
            kind: Schedule
            metadata: {name: hourly}
            spec:
              runbook: shipped:backup
              cron: ["0 * * * *"]
              timeZone: UTC
            """;

    @TempDir
    private Path folder;

    private static LoadedSchedule hourly() throws IOException {
        try (var in = Objects.requireNonNull(
                ScheduleAttributesTest.class.getResourceAsStream("/dev/muster/workflows/orders.yaml"))) {
            return ScheduleFiles.read(List.of(
                            new SourceText("orders.yaml", new String(in.readAllBytes(), StandardCharsets.UTF_8)),
                            new SourceText("hourly.yaml", HOURLY)))
                    .get(0);
        }
    }

    private static List<Difference> differences(ScheduleBoard board, LoadedSchedule wanted) {
        return board.plan(List.of(wanted), false).get(0).fields();
    }

    private static List<String> found(WorkflowClient client, String query) {
        return client
                .getWorkflowServiceStubs()
                .blockingStub()
                .listWorkflowExecutions(ListWorkflowExecutionsRequest.newBuilder()
                        .setNamespace("default")
                        .setQuery(query)
                        .build())
                .getExecutionsList()
                .stream()
                .map(info -> info.getType().getName())
                .sorted()
                .toList();
    }

    private static void trigger(ScheduleBoard board, WorkflowClient client, int runs) {
        board.trigger("orders/hourly");
        await().atMost(SOON)
                .until(
                        () -> found(client, "WorkflowType = 'Backup' AND ExecutionStatus = 'Running'"),
                        running -> !running.isEmpty());
        client.getWorkflowServiceStubs()
                .blockingStub()
                .listWorkflowExecutions(ListWorkflowExecutionsRequest.newBuilder()
                        .setNamespace("default")
                        .setQuery("WorkflowType = 'Backup' AND ExecutionStatus = 'Running'")
                        .build())
                .getExecutionsList()
                .forEach(info -> client.newUntypedWorkflowStub(
                                info.getExecution().getWorkflowId())
                        .signal("approval", "end"));
        await().atMost(SOON)
                .until(
                        () -> board.find("orders/hourly").last(),
                        last -> last.size() == runs
                                && last.stream().allMatch(each -> each.state() == ScheduleStatus.State.SUCCEEDED));
    }

    @Test
    void theyAreSetFromWhenTheServerKnowsThemUntilOneIsGoneAndEveryRunIsStarted() throws IOException {
        try (RealTemporal temporal = RealTemporal.start(folder);
                TemporalConnection connection = TemporalConnection.plain(temporal.address(), SOON)) {
            WorkflowClient client = connection.client();
            WorkerFactory workers = WorkerFactory.newInstance(client);
            workers.newWorker(TaskQueues.MUSTER)
                    .registerWorkflowImplementationTypes(
                            ScheduledRunImpl.class, ScheduleRecorderImpl.class, HeldBackup.class);
            workers.start();
            try {
                ScheduleBoard board = new TemporalScheduleBoard(client, Clock.systemUTC());
                LoadedSchedule wanted = hourly();
                board.apply(List.of(wanted), false);
                assertThat(differences(board, wanted)).isEmpty();
                trigger(board, client, 1);

                assertThat(SearchAttributeRegistration.register(connection, RunAttributes.ALL))
                        .isEmpty();
                assertThat(differences(board, wanted)).containsExactly(new Difference("foundBy", "none", FOUND_BY));
                board.apply(List.of(wanted), false);
                assertThat(board.plan(List.of(wanted), false).get(0).kind()).isEqualTo(Kind.UNCHANGED);
                trigger(board, client, 2);
                await().atMost(SOON)
                        .untilAsserted(
                                () -> assertThat(found(client, "MusterSystem = 'orders' AND MusterScenario = 'backup'"))
                                        .containsExactly("Backup", "ScheduledRun"));

                forget(temporal);
                await().atMost(SOON)
                        .untilAsserted(() -> assertThat(differences(board, wanted))
                                .containsExactly(new Difference("foundBy", FOUND_BY, "none")));
                board.apply(List.of(wanted), false);
                assertThat(differences(board, wanted)).isEmpty();
                trigger(board, client, 3);
            } finally {
                workers.shutdownNow();
            }
        }
    }

    /** One that only the run sets, not the schedule: of a schedule with one that is gone the server says nothing. */
    private static void forget(RealTemporal temporal) {
        OperatorServiceStubs operator = OperatorServiceStubs.newServiceStubs(OperatorServiceStubsOptions.newBuilder()
                .setChannel(temporal.service().getRawChannel())
                .validateAndBuildWithDefaults());
        var unused = operator.blockingStub()
                .removeSearchAttributes(RemoveSearchAttributesRequest.newBuilder()
                        .setNamespace("default")
                        .addSearchAttributes(RunAttributes.PHASE.getName())
                        .build());
    }
}
