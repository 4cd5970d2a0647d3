package dev.muster.e2e;

import static dev.muster.e2e.ProtectedOrders.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.catalog.RunFilter;
import dev.muster.embedded.orders.Attack;
import dev.muster.embedded.stack.Stack;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunReport;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** The API is killed by kill -9 in the middle of what it does, and another instance goes on. */
@NeedsTemporal
@Timeout(240)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledApiTest {
    /** Null only while the set-up has not succeeded. */
    @SuppressWarnings("NullAway.Init")
    private OrdersBehindApi world;

    @BeforeAll
    void start() throws Exception {
        world = new OrdersBehindApi();
    }

    @AfterAll
    void end() {
        // Not started when the set-up failed, which has then ended its processes itself.
        if (world != null) {
            world.close();
        }
    }

    @Test
    void aRunThatOneInstanceStartedIsApprovedThroughAnotherAfterTheFirstWasKilled() throws Exception {
        Attack.Truth attack = world.orders.strike();
        String key = UUID.randomUUID().toString();
        JsonNode started = world.operator.start(key, Stack.SYSTEM, ProtectedOrders.recovery(attack));
        String run = started.path("id").asText();

        world.killApi();
        world.startOtherApi();

        assertThat(world.operator
                        .start(key, Stack.SYSTEM, ProtectedOrders.recovery(attack))
                        .path("id")
                        .asText())
                .as("the same key at the other instance")
                .isEqualTo(run);
        world.approver.approve(run);
        RunReport report =
                world.orders.finish(world.workflow(started.path("workflowId").asText()));
        assertThat(report.runId()).isEqualTo(run);
        assertThat(report.verdict()).as(report.summary()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        assertThat(report.answers()).singleElement().returns(Stack.APPROVER, ApprovalAnswer::approver);
        assertThat(world.orders.ledger().passed())
                .as(world.orders.ledger().line())
                .isTrue();
        world.expectRecorded(report);
    }

    @Test
    void aStartWhoseAnswerDiedWithItsInstanceIsTheSameRunWhenItIsRepeatedAtAnother() throws Exception {
        String key = UUID.randomUUID().toString();
        // Temporal has the run, the catalogue not yet: that is where the kill hits.
        CompletableFuture<Optional<ApiUser.Answer>> lost;
        try (Connection holder = world.orders.catalog().login().connect("test");
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("LOCK TABLE record.run IN SHARE ROW EXCLUSIVE MODE");
            lost = CompletableFuture.supplyAsync(() -> world.operator.send(
                    world.operator.start(Stack.SYSTEM, "shipped:restore-test").header("Idempotency-Key", key)));
            eventually("Temporal has the run").until(() -> world.workflows("RestoreTest") == 1);
            assertThat(lost).as("its answer waits for the lock").isNotDone();
            world.killApi();
            holder.rollback();
        }
        assertThat(lost.get(1, TimeUnit.MINUTES)).as("an answer").isEmpty();
        world.startOtherApi();

        JsonNode repeated = world.operator.start(key, Stack.SYSTEM, "shipped:restore-test");

        RunReport report =
                world.orders.finish(world.workflow(repeated.path("workflowId").asText()));
        assertThat(report.verdict()).as(report.summary()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        world.expectRecorded(report);
        assertThat(world.catalog
                        .runs()
                        .list(RunFilter.ALL.withScenario("restore-test"), null, 10)
                        .runs())
                .hasSize(1);
        assertThat(world.workflows("RestoreTest")).isEqualTo(1);
    }
}
