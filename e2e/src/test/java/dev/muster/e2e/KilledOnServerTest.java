package dev.muster.e2e;

import static dev.muster.e2e.ProtectedOrders.there;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.embedded.orders.Attack;
import dev.muster.embedded.stack.TemporalChoice;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunStatus;
import io.temporal.client.WorkflowStub;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** With a real Temporal server, which is killed too; its database file stays. */
@NeedsTemporal
class KilledOnServerTest extends KilledWorkers {
    /** Of a step, after which the server gives it to another worker, and some. */
    private static final Duration BEYOND_THE_HEARTBEAT = Duration.ofSeconds(12);

    @Override
    TemporalChoice temporal() {
        return TemporalChoice.SERVER;
    }

    @Test
    void aTemporalServerKilledWhileTheRunWaitsForItsApprovalKnowsItAfterwards() throws Exception {
        Attack.Truth attack = orders.strike();
        WorkflowStub run = orders.recover(attack);
        RunStatus before = orders.waiting(run);

        orders.temporal().kill();
        orders.temporal().restart();

        RunStatus after = orders.waiting(run);
        assertThat(after).isEqualTo(before);
        orders.approve(run, after);
        expectSameAsUndisturbed(orders.finish(run), attack);
    }

    @Test
    void aTemporalServerKilledWhileTheHostRestoresDisturbsNobody() throws Exception {
        Attack.Truth attack = orders.strike();
        WorkflowStub run = orders.recover(attack);
        awaitRestoring(approved(run, attack));

        orders.temporal().kill();
        orders.temporal().restart();

        expectSameAsUndisturbed(orders.finish(run), attack);
    }

    @Test
    void aTemporalServerThatIsAwayLongerThanAStepsHeartbeatMakesNothingHappenTwice() throws Exception {
        Attack.Truth attack = orders.strike();
        WorkflowStub run = orders.recover(attack);
        awaitRestoring(approved(run, attack));

        orders.temporal().kill();
        away();
        orders.temporal().restart();

        expectSameAsUndisturbed(orders.finish(run), attack);
    }

    @Test
    void aTemporalServerAndTheHostWorkerKilledInARestoreTestAreBothReplaced() throws Exception {
        WorkflowStub run = orders.start("shipped:restore-test");
        String plan = ProtectedOrders.eventually("the restore test has its plan")
                .ignoreExceptions()
                .until(() -> run.query("plan", String.class), text -> !text.isEmpty());
        RunStatus status = run.query("status", RunStatus.class);
        Plan planned = StoredPlan.read(plan, there(status.planHash())).plan();
        awaitRestoring(planned);

        orders.temporal().kill();
        orders.host().kill();
        orders.temporal().restart();
        orders.startHost();

        RunReport report = orders.finish(run);
        assertThat(report.verdict()).as(report.summary()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        assertThat(attempts(run, RESTORE)).isGreaterThan(1);
        assertThat(there(report.objectives()).met()).isTrue();
        assertThat(orders.copies()).isEmpty();
    }

    /** Time itself is what is tested here: longer than the server waits for a sign of life. */
    private static void away() throws InterruptedException {
        Thread.sleep(BEYOND_THE_HEARTBEAT.toMillis());
    }
}
