package dev.muster.e2e;

import static dev.muster.e2e.ProtectedOrders.eventually;
import static dev.muster.e2e.ProtectedOrders.there;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.embedded.orders.Attack;
import dev.muster.embedded.stack.TemporalChoice;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.runbooks.plan.Plan;
import dev.muster.runbooks.plan.StoredPlan;
import dev.muster.workflows.recovery.CheckVerdict;
import dev.muster.workflows.recovery.ReturnedRows;
import dev.muster.workflows.run.ApprovalAnswer;
import dev.muster.workflows.run.RunReport;
import dev.muster.workflows.run.RunStatus;
import dev.muster.workflows.run.StepReport;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.client.WorkflowStub;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * Workers are killed by kill -9 in the middle of a recovery, started again, and the result is that of a quiet run: the same
 * with each Temporal that a subclass brings.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class KilledWorkers {
    static final String RESTORE = "RestoreBackup";
    private static final String RETURN_ROWS = "ReturnRows";
    private static final int SOME_FILES = 5;

    /** Null only while the set-up has not succeeded. */
    @SuppressWarnings("NullAway.Init")
    ProtectedOrders orders;

    private List<String> undisturbedSteps;
    private List<String> undisturbedChecks;

    abstract TemporalChoice temporal();

    @BeforeAll
    void aRecoveryThatNobodyDisturbs() throws Exception {
        orders = ProtectedOrders.withTraffic(temporal());
        Attack.Truth attack = orders.strike();
        WorkflowStub run = orders.recover(attack);
        RunStatus waiting = orders.waiting(run);
        expectTarget(plan(run, waiting), attack);
        orders.approve(run, waiting);
        RunReport report = orders.finish(run);
        expectSuccess(report, attack);
        undisturbedSteps = steps(report);
        undisturbedChecks = checks(report);
        assertThat(undisturbedChecks).contains("ledger true", "every-payment-has-its-order true");
    }

    @AfterAll
    void end() {
        // Not started when the set-up failed, which has then ended its processes itself.
        if (orders != null) {
            orders.close();
        }
    }

    @Test
    void aHostWorkerKilledInTheMiddleOfTheRestoreGoesOnWhereItWas() throws Exception {
        Attack.Truth attack = orders.strike();
        WorkflowStub run = orders.recover(attack);
        Plan plan = approved(run, attack);
        awaitRestoring(plan);

        orders.host().kill();
        orders.startHost();

        RunReport report = orders.finish(run);
        assertThat(attempts(run, RESTORE))
                .as("the first attempt was killed: another one restored")
                .isGreaterThan(1);
        expectSameAsUndisturbed(report, attack);
    }

    @Test
    void aControlWorkerKilledWhileTheRunWaitsForItsApprovalIsReplaced() throws Exception {
        Attack.Truth attack = orders.strike();
        WorkflowStub run = orders.recover(attack);
        RunStatus before = orders.waiting(run);

        orders.control().kill();
        orders.startControl();

        RunStatus after = orders.waiting(run);
        assertThat(after.planHash()).isEqualTo(before.planHash());
        assertThat(after.waiting()).isEqualTo(before.waiting());
        assertThat(after.steps()).isEqualTo(before.steps());
        assertThat(run.update("approve", ApprovalAnswer.class, "nonsense").code())
                .isEqualTo("APPROVAL_FORGED");
        expectTarget(plan(run, after), attack);
        orders.approve(run, after);
        expectSameAsUndisturbed(orders.finish(run), attack);
    }

    @Test
    void aControlWorkerKilledWhileTheHostRestoresIsReplacedAndTheHostNotAskedTwice() throws Exception {
        Attack.Truth attack = orders.strike();
        WorkflowStub run = orders.recover(attack);
        Plan plan = approved(run, attack);
        awaitRestoring(plan);

        Instant killed = Instant.now();
        orders.control().kill();
        orders.startControl();

        RunReport report = orders.finish(run);
        assertThat(completed(run, RESTORE))
                .as("the restore outlived the control worker")
                .isAfter(killed);
        assertThat(attempts(run, RESTORE)).as("the host was not asked twice").isEqualTo(1);
        expectSameAsUndisturbed(report, attack);
    }

    @Test
    void aHostWorkerKilledBeforeAndAgainAfterTheCommitOfTheReturnedRowsReturnsNothingTwice() throws Exception {
        Attack.Truth attack = orders.strike();
        WorkflowStub run = orders.recover(attack);

        // Somebody's lock makes the INSERT wait, inside its transaction: that is where the first kill hits.
        try (Connection holder = orders.primary().application().connect("test");
                Connection next = orders.primary().application().connect("test, next")) {
            lock(holder, "SHARE");
            approved(run, attack);
            awaitMusterWaitsForALock();
            orders.host().kill();
            holder.rollback();
            eventually("the killed worker's transaction is gone").until(() -> !musterRuns());
            assertThat(orders.ledger().passed()).as("nothing came back yet").isFalse();

            // The second attempt waits the same way; behind it queues a lock that is granted at its commit.
            lock(holder, "SHARE");
            orders.startHost();
            awaitMusterWaitsForALock();
            CompletableFuture<Void> committed = CompletableFuture.runAsync(() -> lock(next, "ACCESS EXCLUSIVE"));
            eventually("the next lock is asked for").until(() -> waits("test, next"));
            holder.rollback();
            committed.get(ProtectedOrders.SOON.toSeconds(), TimeUnit.SECONDS);
            awaitMusterWaitsForALock();
            // The rows are committed; their verification waits and the answer was never given.
            orders.host().kill();
            next.rollback();
        }
        orders.startHost();

        RunReport report = orders.finish(run);
        assertThat(attempts(run, RETURN_ROWS)).isGreaterThan(2);
        ReturnedRows returned = there(report.results().returned());
        assertThat(returned.relations()).hasSize(1);
        assertThat(returned.relations().get(0).alreadyThere())
                .as("found in place by the last attempt")
                .isEqualTo(attack.rows());
        assertThat(returned.relations().get(0).returned()).isZero();
        expectSameAsUndisturbed(report, attack);
    }

    final Plan approved(WorkflowStub run, Attack.Truth attack) {
        RunStatus waiting = orders.waiting(run);
        Plan plan = plan(run, waiting);
        expectTarget(plan, attack);
        orders.approve(run, waiting);
        return plan;
    }

    private Plan plan(WorkflowStub run, RunStatus status) {
        return StoredPlan.read(run.query("plan", String.class), there(status.planHash()))
                .plan();
    }

    private void expectTarget(Plan plan, Attack.Truth attack) {
        var found = there(there(plan.target()).destructive());
        assertThat(found.xid()).isEqualTo(Long.parseLong(attack.xid()));
        assertThat(found.rowsDeleted()).isEqualTo(attack.rows());
        assertThat(there(plan.backup()).id()).isEqualTo(orders.backup());
    }

    private void expectSuccess(RunReport report, Attack.Truth attack) throws SQLException, IOException {
        assertThat(report.verdict()).as(report.summary()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        assertThat(there(report.results().returned()).back()).isEqualTo(attack.rows());
        assertThat(orders.ledger().passed()).as(orders.ledger().line()).isTrue();
        assertThat(orders.copies()).as("the copy was removed").isEmpty();
    }

    final void expectSameAsUndisturbed(RunReport report, Attack.Truth attack) throws Exception {
        expectSuccess(report, attack);
        assertThat(steps(report)).isEqualTo(undisturbedSteps);
        assertThat(checks(report)).isEqualTo(undisturbedChecks);
    }

    private List<String> steps(RunReport report) {
        return report.steps().stream()
                .map(step -> step.id() + " " + step.state())
                .peek(step -> assertThat(step).endsWith(StepReport.State.DONE.name()))
                .toList();
    }

    /** Without their findings, which count what customers have paid meanwhile. */
    private List<String> checks(RunReport report) {
        return report.results().checks().stream()
                .map((CheckVerdict check) -> check.name() + " " + check.checked())
                .toList();
    }

    /** Some files of the copy have content, others not yet. */
    final void awaitRestoring(Plan plan) {
        Path data = RecoveryServer.dataDirectory(Path.of(there(plan.copy()).directory()));
        eventually("the restore has written some files")
                .pollInterval(Duration.ofMillis(2))
                .until(() -> filesWithContent(data) >= SOME_FILES);
    }

    private long filesWithContent(Path data) {
        if (!Files.isDirectory(data)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(data)) {
            return files.filter(
                            file -> Files.isRegularFile(file) && file.toFile().length() > 0)
                    .limit(SOME_FILES)
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (UncheckedIOException e) {
            // A file was renamed between two looks.
            return 0;
        }
    }

    private void lock(Connection connection, String mode) {
        try (Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE payments IN " + mode + " MODE");
        } catch (SQLException e) {
            throw new IllegalStateException("Cannot lock the payments", e);
        }
    }

    private void awaitMusterWaitsForALock() {
        eventually("the row return waits for a lock").until(() -> waits("muster"));
    }

    private boolean waits(String application) throws SQLException {
        return exists("application_name = '" + application + "' AND wait_event_type = 'Lock'");
    }

    private boolean musterRuns() throws SQLException {
        return exists("application_name = 'muster' AND state <> 'idle' AND backend_type = 'client backend'");
    }

    private boolean exists(String activity) throws SQLException {
        try (Connection connection = orders.primary().administrator("postgres").connect("test, observer");
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE " + activity + ")")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    final int attempts(WorkflowStub run, String activity) {
        return event(run, activity, HistoryEvent::hasActivityTaskStartedEventAttributes)
                .getActivityTaskStartedEventAttributes()
                .getAttempt();
    }

    private Instant completed(WorkflowStub run, String activity) {
        var time = event(run, activity, HistoryEvent::hasActivityTaskCompletedEventAttributes)
                .getEventTime();
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    private HistoryEvent event(WorkflowStub run, String activity, Predicate<HistoryEvent> kind) {
        List<HistoryEvent> events = orders.stack()
                .temporal()
                .client()
                .fetchHistory(run.getExecution().getWorkflowId())
                .getEvents();
        long scheduled = events.stream()
                .filter(event -> event.getEventType() == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
                        && event.getActivityTaskScheduledEventAttributes()
                                .getActivityType()
                                .getName()
                                .equals(activity))
                .findFirst()
                .orElseThrow()
                .getEventId();
        return events.stream()
                .filter(kind)
                .filter(event -> event.hasActivityTaskStartedEventAttributes()
                        ? event.getActivityTaskStartedEventAttributes().getScheduledEventId() == scheduled
                        : event.getActivityTaskCompletedEventAttributes().getScheduledEventId() == scheduled)
                .findFirst()
                .orElseThrow();
    }
}
