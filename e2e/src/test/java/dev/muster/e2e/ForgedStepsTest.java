package dev.muster.e2e;

import static dev.muster.e2e.ProtectedOrders.there;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.f4b6a3.ulid.UlidCreator;
import dev.muster.cli.ApproveCommand;
import dev.muster.embedded.orders.Attack;
import dev.muster.embedded.orders.PaymentsDigest;
import dev.muster.embedded.stack.Stack;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.authority.Authority;
import dev.muster.workflows.planning.PlanDocument;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunStatus;
import io.temporal.activity.ActivityOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.common.RetryOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.worker.WorkerFactory;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/**
 * Somebody who reaches Temporal, and reads every history there, but has no approver's key: his own workflow schedules the
 * host's activities with plans of his own and with the approvals that he finds.
 */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ForgedStepsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String QUEUE = "mallory";

    private static ProtectedOrders orders;
    private static WorkerFactory mallory;
    private static Attack.Truth attack;

    /** Schedules any activity anywhere. */
    @WorkflowInterface
    public interface Forger {
        /** What the activity answered, or why it refused. */
        @WorkflowMethod
        String schedule(String activity, List<Object> arguments);
    }

    /** No retries: the first answer counts. */
    public static final class ForgerImpl implements Forger {
        @Override
        public String schedule(String activity, List<Object> arguments) {
            try {
                return "DONE: "
                        + Workflow.newUntypedActivityStub(ActivityOptions.newBuilder()
                                        .setTaskQueue(TaskQueues.host(Stack.HOST))
                                        .setStartToCloseTimeout(Duration.ofSeconds(60))
                                        .setHeartbeatTimeout(Duration.ofSeconds(10))
                                        .setRetryOptions(RetryOptions.newBuilder()
                                                .setMaximumAttempts(1)
                                                .build())
                                        .build())
                                .execute(activity, Object.class, arguments.toArray());
            } catch (ActivityFailure e) {
                return e.getCause() instanceof ApplicationFailure failure
                        ? failure.getOriginalMessage()
                        : String.valueOf(e.getCause());
            }
        }
    }

    @BeforeAll
    static void aProtectedDatabase() throws Exception {
        orders = ProtectedOrders.withoutTraffic();
        attack = orders.strike();
        mallory = WorkerFactory.newInstance(orders.stack().temporal().client());
        mallory.newWorker(QUEUE).registerWorkflowImplementationTypes(ForgerImpl.class);
        mallory.start();
    }

    @AfterAll
    static void end() {
        if (mallory != null) {
            mallory.shutdownNow();
        }
        if (orders != null) {
            orders.close();
        }
    }

    private static String schedule(String activity, Object... arguments) {
        return orders.stack()
                .temporal()
                .client()
                .newWorkflowStub(
                        Forger.class,
                        WorkflowOptions.newBuilder().setTaskQueue(QUEUE).build())
                .schedule(activity, List.of(arguments));
    }

    private static ObjectNode planOf(WorkflowStub run) throws Exception {
        return (ObjectNode) JSON.readTree(run.query("plan", String.class));
    }

    /** The plan of a restore test; whether its checks hold does not matter here. */
    private static ObjectNode restoreTest() throws Exception {
        WorkflowStub run = orders.start("shipped:restore-test");
        orders.finish(run);
        return planOf(run);
    }

    private static PlanDocument document(JsonNode plan) {
        String json = plan.toString();
        return new PlanDocument(json, StoredPlan.hash(json.getBytes(StandardCharsets.UTF_8)));
    }

    /** Of a scenario that nobody has to approve. */
    private static Authority unapproved(JsonNode plan) {
        return new Authority(
                "orders",
                plan.path("runId").asText(),
                "anything",
                plan.path("requester").asText(),
                document(plan).hash(),
                0,
                null);
    }

    /** The run's plan as that of a restore test, of a run that does not exist, into a folder of its own. */
    private static ObjectNode asRestoreTest(ObjectNode plan) {
        String run = UlidCreator.getUlid().toString();
        ObjectNode forged = plan.deepCopy();
        forged.put("scenario", "restore-test").put("changesSystem", false).put("runId", run);
        forged.remove("approval");
        ((ObjectNode) forged.path("copy"))
                .put("directory", orders.stack().copies().resolve(run).toString());
        return forged;
    }

    /** An approved run to its end, with what stands in its history. */
    private record Ended(RunReport report, ObjectNode plan, Authority authority) {
        Authority withEpoch(long epoch) {
            return new Authority(
                    authority.system(),
                    authority.runId(),
                    authority.workflowId(),
                    authority.requester(),
                    authority.planHash(),
                    epoch,
                    authority.approval());
        }
    }

    private static Ended approved(WorkflowStub run) throws Exception {
        RunStatus status = orders.waiting(run);
        String token = ApproveCommand.token(
                orders.stack().approver(), status, there(status.waiting()), there(status.planHash()));
        assertThat(run.update("approve", ApprovalAnswer.class, token).code()).isEqualTo("ACCEPTED");
        RunReport report = orders.finish(run);
        assertThat(report.verdict()).as(report.summary()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        long epoch = Long.parseLong(
                ProtectedOrders.step(report, "claim-epoch").detail().replace("epoch ", ""));
        return new Ended(
                report,
                planOf(run),
                new Authority(
                        "orders",
                        report.runId(),
                        report.workflowId(),
                        report.requester(),
                        there(report.planHash()),
                        epoch,
                        token));
    }

    private static Ended keptCopy(String name) throws Exception {
        return approved(orders.recoverCopy(name, "{lastGoodPoint: {xid: " + attack.xid() + "}}", ""));
    }

    private static @Nullable Path copyOf(Ended ended) {
        Path copy = Path.of(ended.plan().path("copy").path("directory").asText());
        return Files.exists(copy.resolve("data").resolve("PG_VERSION")) ? copy : null;
    }

    @Test
    void aRestoreTestThatAlsoReturnsRowsIsNotAdmittedAndNothingIsWritten() throws Exception {
        WorkflowStub run = orders.recover(attack);
        orders.waiting(run);
        ObjectNode genuine = planOf(run);
        run.terminate("It was only read");
        PaymentsDigest before = orders.payments();

        ObjectNode forged = asRestoreTest(genuine);
        Authority shown = unapproved(forged);
        assertThat(schedule("AdmitRun", shown, document(forged))).startsWith("PLAN_UNREADABLE");
        assertThat(schedule("RestoreBackup", shown)).startsWith("PLAN_NOT_ADMITTED");
        assertThat(schedule("ReplayWal", shown)).startsWith("PLAN_NOT_ADMITTED");
        assertThat(schedule("ReturnRows", shown)).startsWith("PLAN_NOT_ADMITTED");
        assertThat(orders.payments()).isEqualTo(before);
    }

    @Test
    void aQueryThatTheHostsOwnDescriptionDoesNotHoldIsNotMade() throws Exception {
        ObjectNode forged = asRestoreTest(restoreTest());
        for (JsonNode phase : forged.path("phases")) {
            for (JsonNode step : phase.path("steps")) {
                if (step.path("check").path("sql").isTextual()) {
                    ((ObjectNode) step.path("check")).put("sql", "select string_agg(p::text, '') from payments p");
                }
            }
        }
        assertThat(schedule("AdmitRun", unapproved(forged), document(forged))).startsWith("SYSTEM_DIFFERS");
    }

    @Test
    void anApprovalOfACopyReturnsNoRowsAndRemovesNothing() throws Exception {
        Ended ended = keptCopy("kept-one");
        PaymentsDigest before = orders.payments();

        assertThat(schedule("ReturnRows", ended.authority())).startsWith("STEP_NOT_PLANNED");
        assertThat(schedule("TakeBackup", ended.authority())).startsWith("STEP_NOT_PLANNED");
        assertThat(schedule("RemoveCopy", ended.authority())).startsWith("STEP_NOT_PLANNED");
        assertThat(orders.payments()).isEqualTo(before);
        assertThat(copyOf(ended)).isNotNull();
    }

    @Test
    void aPlanThatClaimsAnotherRunsCopyDoesNotTouchIt() throws Exception {
        Ended ended = keptCopy("kept-two");
        ObjectNode forged = restoreTest();
        forged.put("runId", ended.report().runId());
        forged.set("copy", ((ObjectNode) ended.plan().path("copy")).put("afterwards", "remove"));
        Authority shown = unapproved(forged);

        assertThat(schedule("AdmitRun", shown, document(forged))).startsWith("DONE");
        assertThat(schedule("ReplayWal", shown)).startsWith("COPY_OF_OTHER_RUN");
        assertThat(schedule("CheckCopy", shown, "amcheck")).startsWith("COPY_OF_OTHER_RUN");
        assertThat(schedule("RemoveCopy", shown)).startsWith("COPY_OF_OTHER_RUN");
        assertThat(copyOf(ended)).isNotNull();
    }

    @Test
    void anOldApprovalDoesNotRaiseTheEpochSoThatLaterRunsAreRefused() throws Exception {
        Ended ended = keptCopy("kept-three");
        Authority raised = ended.withEpoch(Long.MAX_VALUE);
        assertThat(schedule("ReplayWal", raised)).startsWith("EPOCH_ALTERED");
        assertThat(schedule("AdmitRun", raised, document(ended.plan()))).startsWith("EPOCH_ALTERED");
        assertThat(keptCopy("kept-four").report().verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
    }

    /** Last: from then on there are no rows to bring back, and a forged return would change nothing. */
    @Test
    @Order(Integer.MAX_VALUE)
    void aRecoveryThatHasEndedIsNotCarriedOutAgain() throws Exception {
        Ended ended = approved(orders.recover(attack));
        assertThat(copyOf(ended)).isNull();
        assertThat(schedule("RestoreBackup", ended.authority())).startsWith("RUN_ENDED");
        assertThat(schedule("ReturnRows", ended.authority())).startsWith("RUN_ENDED");
        assertThat(schedule("RemoveCopy", ended.authority())).as("a repeat").startsWith("DONE");
        assertThat(copyOf(ended)).isNull();
    }
}
