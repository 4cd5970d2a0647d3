package dev.muster.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.catalog.Role;
import dev.muster.runbooks.Scenario;
import dev.muster.runbooks.yaml.ShippedRunbooks;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.approval.ApprovalClaims;
import dev.muster.workflows.approval.ApprovalTokens;
import dev.muster.workflows.approval.ApproverKey;
import dev.muster.workflows.approval.Gate;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.Run;
import dev.muster.workflows.run.RunRequest;
import dev.muster.workflows.run.RunStarter;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the place of somebody who reaches Temporal, or the API with another's rights, and wants a run to act. */
class ForgeryTest {
    private final ApiWorld world;
    private final ApproverKey own = ApproverKey.generateIssuer("api", Instant.now());

    ForgeryTest(@TempDir Path folder) throws IOException {
        world = new ApiWorld(folder);
        world.putOrders();
    }

    @AfterEach
    void close() {
        world.close();
    }

    private static ApprovalClaims claims(String workflow, String run, String plan, String approver, Instant issued) {
        return new ApprovalClaims(
                "01KAJ7ZQ5V3M9X2W8R4T6Y0XYZ",
                workflow,
                run,
                Gate.EXECUTE,
                plan,
                Long.MAX_VALUE,
                "olga",
                issued,
                issued.plus(Duration.ofMinutes(10)),
                new ApprovalClaims.Attested(approver, Set.of("approver"), ""));
    }

    private Run change() {
        return world.temporalClient().newWorkflowStub(Run.class, "change/orders");
    }

    private ApproverKey issuer() throws IOException {
        return ApproverKey.read(world.keys.resolve("api.private.jwk"));
    }

    @Test
    void aTokenSignedByAKeyThatNoWorkerTrustsIsRefusedByUpdateAndBySignal() {
        String run = world.start("shipped:point-in-time-recovery");
        String plan = world.untilWaiting(run).path("planHash").asText();
        String forged = ApprovalTokens.mint(own, claims("change/orders", run, plan, "anna", Instant.now()));

        assertThat(change().approve(forged).code()).isEqualTo("APPROVAL_FORGED");
        assertThat(change().approve("").code()).isEqualTo("APPROVAL_FORGED");
        change().approval(forged);
        await().atMost(ApiWorld.SOON).until(() -> change().status().answers().size() == 3);

        JsonNode approvals = world.get("/v1/runs/" + run + "/approvals", world.viewer)
                .expect(200)
                .body()
                .path("approvals");
        assertThat(approvals.findValuesAsText("code"))
                .containsExactly("APPROVAL_FORGED", "APPROVAL_FORGED", "APPROVAL_FORGED");
        assertThat(world.host.done).isEmpty();
        assertThat(world.untilWaiting(run).path("waiting").path("role").asText())
                .isEqualTo("approver");
    }

    @Test
    void aGenuineTokenIsWorthNothingForAnotherRunPlanOrTimeNorForTheRequester() throws IOException {
        String run = world.start("shipped:point-in-time-recovery");
        String plan = world.untilWaiting(run).path("planHash").asText();
        Instant now = Instant.now();
        ApproverKey issuer = issuer();
        Map<String, ApprovalClaims> tries = Map.of(
                "APPROVAL_OTHER_RUN", claims("change/orders", "01KAJ7ZQ5V3M9X2W8R4T6Y0ABC", plan, "anna", now),
                "APPROVAL_OTHER_PLAN", claims("change/orders", run, "0".repeat(64), "anna", now),
                "APPROVAL_EXPIRED", claims("change/orders", run, plan, "anna", now.minus(Duration.ofHours(1))),
                "APPROVAL_FROM_FUTURE", claims("change/orders", run, plan, "anna", now.plus(Duration.ofHours(1))),
                "APPROVAL_BY_REQUESTER", claims("change/orders", run, plan, "olga", now));
        tries.forEach((code, claims) -> {
            ApprovalAnswer answer = change().approve(ApprovalTokens.mint(issuer, claims));
            assertThat(answer.accepted()).isFalse();
            assertThat(answer.code()).isEqualTo(code);
        });
        assertThat(world.host.done).isEmpty();
    }

    @Test
    void theRequesterIsRefusedThroughASecondTokenWithTheRole() {
        String run = world.start("shipped:point-in-time-recovery");
        String plan = world.untilWaiting(run).path("planHash").asText();
        String second = world.token("olga", Role.APPROVER);
        world.post("/v1/runs/" + run + "/approvals", second, Map.of("planHash", plan, "lossCeilingSeconds", 60))
                .expectProblem(403, "APPROVAL_BY_REQUESTER");
        assertThat(world.get("/v1/refusals", world.viewer)
                        .body()
                        .path("refusals")
                        .findValuesAsText("code"))
                .contains("APPROVAL_BY_REQUESTER");
        assertThat(world.host.done).isEmpty();
    }

    @Test
    void aRunStartedByHandWithMadeUpInputsStillNeedsAnApprovalThatTheHostVerifies() {
        RunRequest made = new RunRequest(
                RunRequest.SCHEMA,
                "01KAJ7ZQ5V3M9X2W8R4T6Y0ABC",
                "nobody",
                false,
                new RunRequest.SourceFile(
                        "runbook",
                        ShippedRunbooks.source("point-in-time-recovery").text()),
                new RunRequest.SourceFile("system orders", ApiWorld.orders()));
        new RunStarter(world.temporalClient()).start(Scenario.POINT_IN_TIME_RECOVERY, "orders", made);
        await().atMost(ApiWorld.SOON)
                .until(() -> change().status().state().name().equals("WAITING_FOR_APPROVAL"));
        String plan = String.valueOf(change().status().planHash());
        assertThat(change().approve(ApprovalTokens.mint(
                                own, claims("change/orders", made.runId(), plan, "anna", Instant.now())))
                        .code())
                .isEqualTo("APPROVAL_FORGED");
        assertThat(world.host.done).isEmpty();
    }

    @Test
    void anActivityCalledByAWorkflowOfOnesOwnDoesNotPassTheHostWithoutAnApproval() {
        WorkflowStub run = world.temporalClient()
                .newUntypedWorkflowStub(
                        "PointInTimeRecovery",
                        WorkflowOptions.newBuilder()
                                .setWorkflowId("change/somewhere-else")
                                .setTaskQueue(TaskQueues.MUSTER)
                                .build());
        run.start("no request at all");
        assertThatThrownBy(() -> run.getResult(5, java.util.concurrent.TimeUnit.SECONDS, Object.class))
                .isInstanceOfAny(WorkflowFailedException.class, java.util.concurrent.TimeoutException.class);
        assertThat(world.host.done).isEmpty();
        run.terminate("test");
    }

    @Test
    void theKeyIsRotatedWhileEverythingRuns() throws IOException {
        ApproverKey next = ApproverKey.generateIssuer("api", Instant.now().plusSeconds(1));
        next.writePublic(world.approvers.resolve("next.jwk"));
        next.writePrivate(world.keys.resolve("next.private.jwk"));
        Files.delete(world.approvers.resolve("api.jwk"));
        String run = world.start("shipped:point-in-time-recovery");
        String plan = world.untilWaiting(run).path("planHash").asText();

        assertThat(change().approve(ApprovalTokens.mint(
                                issuer(), claims("change/orders", run, plan, "anna", Instant.now())))
                        .code())
                .isEqualTo("APPROVAL_FORGED");
        world.post("/v1/runs/" + run + "/approvals", world.approver, Map.of("planHash", plan, "lossCeilingSeconds", 60))
                .expect(201);
        await().atMost(ApiWorld.SOON).until(() -> world.host.done.contains("ReturnRows"));
    }
}
