package dev.muster.workflows.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.FailureType;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a run, and of its copy, when a step fails. */
class FailedStepTest {
    private final RunWorld world = RunWorld.start();

    @AfterEach
    void close() {
        world.close();
    }

    /** As the real activities fail. */
    static ApplicationFailure failing(FailureType type, String message) {
        return ApplicationFailure.newBuilder()
                .setType(type.name())
                .setMessage(message)
                .setNonRetryable(!type.retryable())
                .build();
    }

    @Test
    void aFailingCheckFailsTheRunWithTheReportAndTheCopyIsKeptForPeople() {
        world.calls.fail("CheckCopy check-ledger", failing(FailureType.CHECK_FAILED, "CHECK_FAILED: sums differ"));
        WorkflowStub run = world.run(Scenario.POINT_IN_TIME_RECOVERY);
        world.approve(run);

        ApplicationFailure failure = world.failure(run);
        assertThat(failure.getType()).isEqualTo("CHECK_FAILED");
        assertThat(failure.getOriginalMessage()).isEqualTo("CHECK_FAILED: sums differ");
        RunReport report = failure.getDetails().get(RunReport.class);
        assertThat(report.verdict()).isEqualTo(RunReport.Verdict.FAILED);
        assertThat(report.summary()).isEqualTo("CHECK_FAILED: sums differ");
        assertThat(report.steps().get(report.steps().size() - 1)).satisfies(last -> {
            assertThat(last.id()).isEqualTo("check-ledger");
            assertThat(last.state()).isEqualTo(StepReport.State.FAILED);
            assertThat(last.detail()).isEqualTo("CHECK_FAILED: sums differ");
        });
        assertThat(world.calls.count("CheckCopy check-ledger")).isEqualTo(1);
        assertThat(world.calls.onHost()).doesNotContain("ReturnRows", "RemoveCopy");
    }

    @Test
    void aRestoreTestRunsWithoutApprovalAndRemovesItsCopy() {
        RunReport report = world.result(world.run(Scenario.RESTORE_TEST));
        assertThat(report.verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        assertThat(world.calls.onHost())
                .containsExactly(
                        "AdmitRun",
                        "RestoreBackup",
                        "ReplayWal",
                        "CheckCopy page-checksums",
                        "CheckCopy amcheck",
                        "CheckCopy check-ledger",
                        "ReadCanary",
                        "RemoveCopy");
        assertThat(world.host.authorities)
                .allMatch(authority -> authority.epoch() == 0 && authority.approval() == null);
    }

    @Test
    void aRestoreTestRemovesItsCopyAlsoWhenACheckFails() {
        world.calls.fail("CheckCopy amcheck", failing(FailureType.CHECK_FAILED, "CHECK_FAILED: index damaged"));
        ApplicationFailure failure = world.failure(world.run(Scenario.RESTORE_TEST));
        assertThat(failure.getOriginalMessage()).isEqualTo("CHECK_FAILED: index damaged");
        assertThat(world.calls.onHost())
                .containsExactly(
                        "AdmitRun",
                        "RestoreBackup",
                        "ReplayWal",
                        "CheckCopy page-checksums",
                        "CheckCopy amcheck",
                        "RemoveCopy");
    }

    @Test
    void aCopyThatCannotBeRemovedEitherDoesNotHideTheFirstFailure() {
        world.calls.fail("CheckCopy amcheck", failing(FailureType.CHECK_FAILED, "CHECK_FAILED: index damaged"));
        world.calls.fail("RemoveCopy", failing(FailureType.REFUSED, "NOT_A_COPY: somebody else's folder"));
        ApplicationFailure failure = world.failure(world.run(Scenario.RESTORE_TEST));
        assertThat(failure.getOriginalMessage()).isEqualTo("CHECK_FAILED: index damaged");
        assertThat(failure.getDetails().get(RunReport.class).steps())
                .anyMatch(step ->
                        step.id().equals("remove-copy") && step.detail().equals("NOT_A_COPY: somebody else's folder"));
    }

    @Test
    void aCancelledRestoreTestStillRemovesItsCopy() {
        var restore = world.calls.hold("ReplayWal");
        WorkflowStub run = world.run(Scenario.RESTORE_TEST);
        world.until(run, status -> world.calls.count("ReplayWal") == 1);
        run.cancel();
        world.until(run, status -> world.calls.count("RemoveCopy") == 1 || restoreReleased(restore));
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> world.result(run))
                .isInstanceOf(io.temporal.client.WorkflowFailedException.class);
        assertThat(world.calls.onHost()).endsWith("RemoveCopy");
    }

    private static boolean restoreReleased(java.util.concurrent.CountDownLatch latch) {
        latch.countDown();
        return false;
    }

    @Test
    void whatMayComeBackIsTriedAgain() {
        world.calls.fail(
                "RestoreBackup",
                failing(FailureType.UNAVAILABLE, "STORE_UNREACHABLE: away"),
                failing(FailureType.UNEXPECTED, "UNEXPECTED: strange"));
        assertThat(world.result(world.run(Scenario.RESTORE_TEST)).verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        assertThat(world.calls.count("RestoreBackup")).isEqualTo(3);
    }

    @Test
    void whatStaysAsItIsIsNotTriedAgain() {
        for (FailureType type : FailureType.values()) {
            // By the type alone: an activity of another version may forget the flag.
            if (!type.retryable()) {
                long before = world.calls.count("TakeBackup");
                world.calls.fail("TakeBackup", ApplicationFailure.newFailure("DISK_FULL: no space", type.name()));
                String runId = RunWorld.RUN.substring(0, 25) + before;
                WorkflowStub run =
                        world.starter.start(Scenario.BACKUP, "orders", RunWorld.request(Scenario.BACKUP, runId, false));
                assertThat(world.failure(run).getType()).isEqualTo(type.name());
                assertThat(world.calls.count("TakeBackup")).as(type.name()).isEqualTo(before + 1);
            }
        }
    }

    /** In real time: Temporal's test service does not skip the time of an activity that waits for its worker. */
    @Test
    void aStepThatNoWorkerTakesEndsTheRunAndIsReportedAsNotStarted() {
        world.control.plans = json -> {
            assertThat(json).contains("\"host-db1\"", "\"waitForWorkerSeconds\":900");
            return json.replace("\"host-db1\"", "\"host-db2\"")
                    .replace("\"waitForWorkerSeconds\":900", "\"waitForWorkerSeconds\":1");
        };
        ApplicationFailure failure = world.failure(world.run(Scenario.BACKUP));
        assertThat(failure.getType()).isEqualTo("UNAVAILABLE");
        RunReport report = failure.getDetails().get(RunReport.class);
        assertThat(report.verdict()).isEqualTo(RunReport.Verdict.FAILED);
        assertThat(report.summary())
                .isEqualTo(
                        "WORKER_AWAY: no worker took the step in time; it was not started, or not taken up again after"
                                + " an attempt that was lost."
                                + " Hint: is the worker of that queue running?");
        assertThat(report.steps().get(report.steps().size() - 1)).satisfies(last -> {
            assertThat(last.where()).isEqualTo("host-db2");
            assertThat(last.state()).isEqualTo(StepReport.State.FAILED);
        });
        assertThat(world.calls.onHost()).containsExactly("AdmitRun");
    }

    @Test
    void aPlanOfAnotherVersionEndsTheRunInsteadOfHangingIt() {
        world.control.plans = json -> json.replace("\"schema\":1", "\"schema\":99");
        ApplicationFailure failure = world.failure(world.run(Scenario.BACKUP));
        assertThat(failure.getType()).isEqualTo("REFUSED");
        assertThat(failure.getOriginalMessage())
                .isEqualTo("PLAN_VERSION_UNKNOWN: The plan has the version 99; this program reads 1."
                        + " Hint: Use the version of Muster that made the plan, or start a new run.");
        assertThat(world.calls.onHost()).isEmpty();
    }

    @Test
    void aBackupIsTakenAndReported() {
        RunReport report = world.result(world.run(Scenario.BACKUP));
        assertThat(report.verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        assertThat(java.util.Objects.requireNonNull(report.results().backup()).backup())
                .isEqualTo("01KAJ0000000000000000000CC");
        assertThat(world.calls.onHost()).containsExactly("AdmitRun", "TakeBackup");
    }
}
