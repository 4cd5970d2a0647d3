package dev.muster.activities.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.catalog.ApprovalRecord;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.CatalogDatabase;
import dev.muster.catalog.Documents;
import dev.muster.catalog.RunRecord;
import dev.muster.catalog.StepRecord;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.planning.Places;
import dev.muster.workflows.planning.PlanDocument;
import dev.muster.workflows.recording.RecordingStart;
import dev.muster.workflows.recording.RunChange;
import dev.muster.workflows.recording.RunRecorder;
import dev.muster.workflows.recording.RunRecorderImpl;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunStatus;
import dev.muster.workflows.run.StepReport;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The recorder with its real activities, a real catalogue, and Temporal in skipped time. */
@Timeout(60)
class RunRecordingTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final String PLAN = "{\"plan\":1}";

    private static CatalogDatabase database;
    private static Catalog catalog;
    private TestWorkflowEnvironment temporal;

    @BeforeAll
    static void startCatalogue(@TempDir Path folder) throws Exception {
        database = CatalogDatabase.migrated(folder);
        catalog = Catalog.open(database.settings());
    }

    @AfterAll
    static void end() {
        catalog.close();
        database.close();
    }

    @BeforeEach
    void startTemporal() {
        temporal = TestWorkflowEnvironment.newInstance();
        temporal.newWorker(TaskQueues.MUSTER)
                .registerWorkflowImplementationTypes(RunRecorderImpl.class, IdleImpl.class);
        temporal.newWorker(TaskQueues.CATALOG)
                .registerActivitiesImplementations(
                        new RunRecording(catalog, Clock.systemUTC()), new StoreIndexing(catalog));
        temporal.start();
    }

    @AfterEach
    void endTemporal() {
        temporal.close();
    }

    private static RecordingStart start(String runId, WorkflowExecution run) {
        return new RecordingStart(
                RecordingStart.SCHEMA,
                new RunRequest(
                        RunRequest.SCHEMA,
                        runId,
                        "kim",
                        false,
                        new RunRequest.SourceFile("runbook.yaml", "kind: Runbook"),
                        new RunRequest.SourceFile("orders.yaml", "kind: System")),
                run.getWorkflowId(),
                run.getRunId(),
                "point-in-time-recovery",
                new Places("orders", "main", "db1", "berlin", true),
                NOON);
    }

    /** A run that does nothing and does not end by itself. */
    @WorkflowInterface
    public interface Idle {
        @WorkflowMethod(name = "Idle")
        void idle();
    }

    public static final class IdleImpl implements Idle {
        @Override
        public void idle() {
            Workflow.await(() -> false);
        }
    }

    private WorkflowStub aRun(String workflowId) {
        WorkflowStub run = temporal.getWorkflowClient()
                .newUntypedWorkflowStub(
                        "Idle",
                        WorkflowOptions.newBuilder()
                                .setWorkflowId(workflowId)
                                .setTaskQueue(TaskQueues.MUSTER)
                                .build());
        run.start();
        return run;
    }

    private RunRecorder recorder(RecordingStart start) {
        RunRecorder recorder = temporal.getWorkflowClient()
                .newWorkflowStub(
                        RunRecorder.class,
                        WorkflowOptions.newBuilder()
                                .setWorkflowId(
                                        RunRecorder.workflowId(start.request().runId()))
                                .setTaskQueue(TaskQueues.MUSTER)
                                .build());
        WorkflowClient.start(recorder::record, start);
        return recorder;
    }

    private static RunChange change(
            long revision, RunStatus.State state, @Nullable String waitingFor, @Nullable RunReport report) {
        return new RunChange(
                revision,
                state,
                new PlanDocument(PLAN, Documents.hash(PLAN)),
                Documents.hash(PLAN),
                waitingFor,
                List.of(new RunChange.Step(0, step())),
                List.of(),
                report);
    }

    private static StepReport step() {
        return new StepReport(
                "validate", "Validate", "control", StepReport.State.DONE, NOON, NOON.plusSeconds(1), "held \0 by");
    }

    @Test
    void whatARunTellsIsInTheCatalogueWithItsFilesItsPlanAndItsReport() {
        String runId = "01KAJ7ZQ5V3M9X2W8R4T6Y0AAA";
        RecordingStart start = start(runId, aRun("change/orders").getExecution());
        RunRecorder recorder = recorder(start);
        ApprovalAnswer answer = new ApprovalAnswer(true, "ACCEPTED", "alice", "Approved.", NOON.plusSeconds(5));
        RunReport report = new RunReport(
                RunReport.SCHEMA,
                runId,
                "change/orders",
                "point-in-time-recovery",
                "orders",
                "kim",
                RunReport.Verdict.SUCCEEDED,
                "Done.",
                Documents.hash(PLAN),
                NOON,
                NOON.plusSeconds(90),
                List.of(step()),
                List.of(answer),
                RunReport.Results.NONE,
                null);
        recorder.changed(change(7, RunStatus.State.WAITING_FOR_APPROVAL, "approver", null));
        recorder.changed(change(9, RunStatus.State.FINISHED, null, report));
        // It was late.
        recorder.changed(change(8, RunStatus.State.EXECUTING, null, null));
        WorkflowStub.fromTyped(recorder).getResult(Void.class);

        RunRecord record = catalog.runs().find(runId).orElseThrow();
        assertThat(record.verdict()).isEqualTo("SUCCEEDED");
        assertThat(record.state()).isEqualTo("FINISHED");
        assertThat(record.revision()).isEqualTo(9);
        assertThat(record.ended()).isEqualTo(NOON.plusSeconds(90));
        assertThat(record.reportJson()).contains("\"ended\":\"2026-11-21T12:01:30Z\"", "ACCEPTED");
        assertThat(catalog.documents().find(Objects.requireNonNull(record.runbookHash())))
                .contains("kind: Runbook");
        assertThat(catalog.documents().find(Objects.requireNonNull(record.planHash())))
                .contains(PLAN);
        assertThat(catalog.runs().approvals(runId))
                .containsExactly(new ApprovalRecord(true, "ACCEPTED", "alice", "Approved.", NOON.plusSeconds(5)));
        assertThat(catalog.runs().steps(runId))
                .as("PostgreSQL takes no NUL, and a record is not lost for one")
                .extracting(StepRecord::detail)
                .containsExactly("held \uFFFD by");
    }

    @Test
    void aRunThatWasTerminatedHasARecordThatSaysSoAndARunningOneIsLeftAlone() {
        String runId = "01KAJ7ZQ5V3M9X2W8R4T6Y0AAB";
        WorkflowStub run = aRun("change/billing");
        RunRecorder recorder = recorder(start(runId, run.getExecution()));
        recorder.changed(change(7, RunStatus.State.WAITING_FOR_APPROVAL, "approver", null));
        temporal.sleep(Duration.ofHours(2));
        assertThat(catalog.runs().find(runId).orElseThrow().state()).isEqualTo("WAITING_FOR_APPROVAL");

        run.terminate("by hand");
        // Another run has taken the workflow id since; it is not mistaken for this one.
        aRun("change/billing");
        WorkflowStub.fromTyped(recorder).getResult(Void.class);

        RunRecord record = catalog.runs().find(runId).orElseThrow();
        assertThat(record.verdict()).isEqualTo("FAILED");
        assertThat(record.summary()).contains("TERMINATED");
        assertThat(record.waitingForRole()).isNull();
        assertThat(record.ended()).isNotNull();
    }
}
