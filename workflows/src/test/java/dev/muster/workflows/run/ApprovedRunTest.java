package dev.muster.workflows.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.approval.ApproverKey;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a person's approval does to a run that changes a system, and what everything else does not. */
class ApprovedRunTest {
    private static final List<String> ALL_STEPS = List.of(
            "AdmitRun",
            "RestoreBackup",
            "ReplayWal",
            "CheckCopy page-checksums",
            "CheckCopy amcheck",
            "CheckCopy check-ledger",
            "ReadCanary",
            "ReturnRows",
            "RemoveCopy");

    private final RunWorld world = RunWorld.start();

    @AfterEach
    void close() {
        world.close();
    }

    private WorkflowStub recovery() {
        return world.run(Scenario.POINT_IN_TIME_RECOVERY);
    }

    private List<String> codes(WorkflowStub run) {
        return world.handle(run).status().answers().stream()
                .map(ApprovalAnswer::code)
                .toList();
    }

    @Test
    void aRunWaitsForItsApprovalAndThenExecutesItsPhasesInOrder() {
        WorkflowStub run = recovery();
        RunStatus waiting = world.untilWaiting(run);
        assertThat(world.calls.onHost()).isEmpty();
        assertThat(Objects.requireNonNull(waiting.waiting()).role()).isEqualTo("approver");

        ApprovalAnswer answer = world.approve(run);
        assertThat(answer.accepted()).isTrue();
        assertThat(answer.approver()).isEqualTo("alice");
        RunReport report = world.result(run);

        assertThat(report.verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        assertThat(report.planHash()).isEqualTo(waiting.planHash());
        assertThat(world.calls.onHost()).isEqualTo(ALL_STEPS);
        assertThat(report.steps())
                .extracting(StepReport::id)
                .containsExactly(
                        "validate",
                        "observe-and-plan",
                        "observe-again",
                        "claim-epoch",
                        "admit",
                        "restore",
                        "replay",
                        "page-checksums",
                        "amcheck",
                        "check-ledger",
                        "canary",
                        "return-rows",
                        "remove-copy");
        assertThat(report.steps()).allMatch(step -> step.state() == StepReport.State.DONE);
        assertThat(Objects.requireNonNull(report.results().returned()).back()).isEqualTo(12_480);
        RunReport.Objectives objectives = Objects.requireNonNull(report.objectives());
        // From the fault at 09:21 to the rows' proof a minute after 09:30.
        assertThat(objectives.rtoAchievedSeconds()).isEqualTo(600);
        assertThat(objectives.rpoAchievedSeconds()).isEqualTo(1);
    }

    @Test
    void everyStepShowsTheSameAuthorityWithTheEpochAndTheApproval() {
        WorkflowStub run = recovery();
        String token = world.token(world.alice, world.untilWaiting(run));
        world.handle(run).approve(token);
        RunReport report = world.result(run);

        assertThat(world.host.authorities).singleElement().satisfies(authority -> {
            assertThat(authority.epoch()).isEqualTo(ControlFake.EPOCH);
            assertThat(authority.approval()).isEqualTo(token);
            assertThat(authority.planHash()).isEqualTo(report.planHash());
            assertThat(authority.workflowId()).isEqualTo("change/orders");
            assertThat(authority.requester()).isEqualTo(RunWorld.REQUESTER);
        });
    }

    @Test
    void theSameTokenBySignalWorks() {
        WorkflowStub run = recovery();
        world.handle(run).approval(world.token(world.alice, world.untilWaiting(run)));
        RunReport report = world.result(run);
        assertThat(report.verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        assertThat(report.answers()).extracting(ApprovalAnswer::code).containsExactly("ACCEPTED");
    }

    @Test
    void anApprovalBeforeThereIsAPlanIsRefusedAndTheRunStillWaits() {
        CountDownLatch validation = world.calls.hold("control:ValidateRunbook");
        WorkflowStub run = recovery();
        ApprovalAnswer early =
                world.handle(run).approve(world.token(world.alice, RunWorld.RUN, "0".repeat(64), RunWorld.REQUESTER));
        validation.countDown();

        assertThat(early.accepted()).isFalse();
        assertThat(early.code()).isEqualTo("NOT_WAITING");
        assertThat(world.untilWaiting(run).answers()).containsExactly(early);
        assertThat(world.approve(run).accepted()).isTrue();
        assertThat(world.result(run).verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
    }

    @Test
    void eachApprovalThatDoesNotCountIsAnsweredAndKeptAndTheRunGoesOnWaiting() {
        WorkflowStub run = recovery();
        RunStatus shown = world.untilWaiting(run);
        String hash = Objects.requireNonNull(shown.planHash());
        ApproverKey mallory = ApproverKey.generate("alice", Set.of("approver"));
        Run handle = world.handle(run);

        handle.approve(world.token(world.kim, shown));
        handle.approve(world.token(world.kim, RunWorld.RUN, hash, "somebody-else"));
        handle.approve(world.token(world.alice, RunWorld.RUN, "0".repeat(64), RunWorld.REQUESTER));
        handle.approve(world.token(world.alice, RunWorld.OTHER_RUN, hash, RunWorld.REQUESTER));
        handle.approve(world.token(mallory, shown));
        handle.approve("no token at all");

        assertThat(codes(run))
                .containsExactly(
                        "APPROVAL_BY_REQUESTER",
                        "APPROVAL_BY_REQUESTER",
                        "APPROVAL_OTHER_PLAN",
                        "APPROVAL_OTHER_RUN",
                        "APPROVAL_FORGED",
                        "APPROVAL_FORGED");
        assertThat(handle.status().answers()).noneMatch(ApprovalAnswer::accepted);
        assertThat(handle.status().state()).isEqualTo(RunStatus.State.WAITING_FOR_APPROVAL);
        assertThat(world.calls.onHost()).isEmpty();
        assertThat(world.approve(run).accepted()).isTrue();
        assertThat(world.result(run).answers()).hasSize(7);
    }

    @Test
    void aSignalWithoutATokenIsRefusedAndDoesNotStopTheRun() {
        WorkflowStub run = recovery();
        world.untilWaiting(run);
        run.signal("approval", new Object[] {null});
        world.until(run, status -> !status.answers().isEmpty());
        assertThat(codes(run)).containsExactly("APPROVAL_FORGED");
        world.approve(run);
        assertThat(world.result(run).verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
    }

    @Test
    void signalsOfAnyFormDoNotStopTheRun() {
        WorkflowStub run = recovery();
        world.untilWaiting(run);
        run.signal("approval", Map.of("no", "text"));
        run.signal("approval");
        run.signal("approval", "one", "too many");
        run.signal("nobody-knows-this-one", "token");
        run.signal("approval", "x".repeat(100_000));
        // {"alg":"EdDSA","typ":"muster-approval+jws","kid":5}: a number where the library expects text.
        run.signal("approval", "eyJhbGciOiJFZERTQSIsInR5cCI6Im11c3Rlci1hcHByb3ZhbCtqd3MiLCJraWQiOjV9.e30.AAAA");
        world.until(run, status -> status.answers().size() >= 2);
        assertThat(world.approve(run).accepted()).isTrue();
        assertThat(world.result(run).verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
    }

    @Test
    void anApprovalThatCannotBeVerifiedIsAnsweredAndTheRunGoesOnWaiting() {
        WorkflowStub run = recovery();
        world.untilWaiting(run);
        world.control.verifying = () -> {
            throw ApplicationFailure.newNonRetryableFailure("UNEXPECTED: a fault. Hint: none.", "UNEXPECTED");
        };
        run.signal("approval", "token");
        world.until(run, status -> !status.answers().isEmpty());
        assertThat(codes(run)).containsExactly("UNEXPECTED");
        world.control.verifying = () -> {};
        assertThat(world.approve(run).accepted()).isTrue();
        assertThat(world.result(run).verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
    }

    @Test
    void anApprovalTwiceChangesNothingAndALateOneIsRefused() {
        CountDownLatch restore = world.calls.hold("RestoreBackup");
        WorkflowStub run = recovery();
        RunStatus shown = world.untilWaiting(run);
        String token = world.token(world.alice, shown);
        world.handle(run).approve(token);
        world.until(run, status -> world.calls.count("RestoreBackup") == 1);

        ApprovalAnswer twice = world.handle(run).approve(token);
        ApprovalAnswer late = world.handle(run).approve(world.token(world.kim, shown));
        restore.countDown();
        RunReport report = world.result(run);

        assertThat(twice.code()).isEqualTo("ALREADY_APPROVED");
        assertThat(late.code()).isEqualTo("NOT_WAITING");
        assertThat(report.answers())
                .extracting(ApprovalAnswer::code)
                .containsExactly("ACCEPTED", "ALREADY_APPROVED", "NOT_WAITING");
        assertThat(world.calls.onHost()).isEqualTo(ALL_STEPS);
    }

    @Test
    void nobodyApprovesInTimeAndOnlyObservationRan() {
        WorkflowStub run = recovery();
        RunReport report = world.result(run);
        assertThat(report.verdict()).isEqualTo(RunReport.Verdict.NOT_APPROVED);
        assertThat(Duration.between(report.started(), report.ended()))
                .isBetween(Duration.ofMinutes(30), Duration.ofMinutes(31));
        assertThat(world.calls.onHost()).isEmpty();
        assertThat(world.calls.count("ObserveDatabase")).isEqualTo(1);
        assertThat(world.calls.count("control:ClaimEpoch")).isZero();
        assertThatThrownBy(
                        () -> world.handle(run).approve(world.token(world.alice, RunWorld.RUN, "0".repeat(64), "kim")))
                .as("an approval of a run that has ended")
                .isInstanceOf(RuntimeException.class);
    }

    @Test
    void aDryRunEndsWithThePlan() {
        WorkflowStub run = world.starter.start(
                Scenario.POINT_IN_TIME_RECOVERY,
                "orders",
                RunWorld.request(Scenario.POINT_IN_TIME_RECOVERY, RunWorld.RUN, true));
        RunReport report = world.result(run);
        assertThat(report.verdict()).isEqualTo(RunReport.Verdict.PLANNED);
        assertThat(report.planHash()).isNotNull();
        assertThat(world.handle(run).plan()).contains("\"point-in-time-recovery\"");
        assertThat(world.calls.onHost()).isEmpty();
    }

    @Test
    void aPlanThatNoLongerHoldsIsMadeAnewAndMustBeApprovedAnew() {
        WorkflowStub run = recovery();
        RunStatus first = world.untilWaiting(run);
        String forTheFirst = world.token(world.alice, first);
        world.state.deletes = 2;
        world.handle(run).approve(forTheFirst);

        RunStatus second = world.until(
                run, status -> status.waiting() != null && !Objects.equals(status.planHash(), first.planHash()));
        assertThat(second.answers()).extracting(ApprovalAnswer::code).containsExactly("ACCEPTED", "PLAN_CHANGED");
        assertThat(world.calls.onHost()).isEmpty();
        assertThat(world.handle(run).approve(forTheFirst).code()).isEqualTo("APPROVAL_OTHER_PLAN");

        world.handle(run).approve(world.token(world.alice, second));
        RunReport report = world.result(run);
        assertThat(report.verdict()).isEqualTo(RunReport.Verdict.SUCCEEDED);
        assertThat(report.planHash()).isEqualTo(second.planHash());
        assertThat(world.calls.onHost()).isEqualTo(ALL_STEPS);
    }

    @Test
    void aStateThatChangesUnderFiveApprovedPlansEndsTheRun() {
        WorkflowStub run = recovery();
        String before = null;
        for (int plans = 1; plans <= 5; plans++) {
            String last = before;
            RunStatus shown =
                    world.until(run, status -> status.waiting() != null && !Objects.equals(status.planHash(), last));
            before = shown.planHash();
            world.state.deletes = plans + 1;
            assertThat(world.handle(run)
                            .approve(world.token(world.alice, shown))
                            .accepted())
                    .isTrue();
        }
        ApplicationFailure failure = world.failure(run);
        assertThat(failure.getOriginalMessage()).startsWith("PLAN_UNSTABLE");
        assertThat(failure.getType()).isEqualTo("REFUSED");
        assertThat(world.calls.onHost()).isEmpty();
    }
}
