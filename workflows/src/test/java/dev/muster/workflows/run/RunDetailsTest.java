package dev.muster.workflows.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.approval.Gate;
import io.temporal.client.WorkflowStub;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a person reads on the run's page in the Temporal UI. */
class RunDetailsTest {
    private static final Instant AT = Instant.parse("2026-11-21T23:59:50Z");

    @Test
    void itSaysWhoIsWaitedForSinceWhenUntilWhenAndWhatToDo() {
        try (RunWorld world = RunWorld.start()) {
            WorkflowStub run = world.run(Scenario.POINT_IN_TIME_RECOVERY);
            world.untilWaiting(run);
            assertThat(details(run))
                    .contains("## Waiting for an approval")
                    .contains("a person with the role **approver** who is not kim")
                    .contains("since **09:30:00**, until **10:00:00** (30 min)")
                    .contains("`muster approve change/orders --key FILE`")
                    .contains("- Progress: 2 of 13 steps done, phase waiting-for-approval")
                    .contains("of 20 min promised: due by **09:41:00**, counted from the fault at 09:21:00")
                    .contains("| 13 | Stop and remove the copy | host-db1 | to come |");
        }
    }

    @Test
    void itSaysWhichStepOfHowManyIsUnderWayAndWhoApproved() {
        try (RunWorld world = RunWorld.start()) {
            CountDownLatch restore = world.calls.hold("RestoreBackup");
            WorkflowStub run = world.run(Scenario.POINT_IN_TIME_RECOVERY);
            world.approve(run);
            world.until(run, status -> world.calls.count("RestoreBackup") == 1);
            assertThat(details(run))
                    .contains("## Under way: restore")
                    .contains("Step **6 of 13**, Restore the backup beside the live database, on host-db1 since ")
                    .contains("- Approved by: **alice** at ")
                    .contains("| **running** |");
            restore.countDown();
            world.result(run);
        }
    }

    @Test
    void atTheEndItSaysTheOutcomeAndWhetherThePromisesWereKept() {
        try (RunWorld world = RunWorld.start()) {
            WorkflowStub run = world.run(Scenario.POINT_IN_TIME_RECOVERY);
            world.approve(run);
            world.result(run);
            assertThat(details(run))
                    .contains("## Succeeded")
                    .contains("- Progress: 13 of 13 steps done")
                    .contains("**10 min** of 20 min promised: kept")
                    .contains("**1.0 s** of 5 min promised: kept")
                    .doesNotContain("to come");
        }
    }

    @Test
    void aFailedRunSaysWhyAndWhatWasNotDone() {
        try (RunWorld world = RunWorld.start()) {
            world.calls.fail(
                    "RestoreBackup",
                    io.temporal.failure.ApplicationFailure.newNonRetryableFailure(
                            "OBJECT_DAMAGED: pack p-1 <b>differs</b>. Hint: another backup.", "DAMAGED"));
            WorkflowStub run = world.run(Scenario.RESTORE_TEST);
            world.failure(run);
            assertThat(details(run))
                    .contains("## FAILED")
                    .contains("OBJECT\\_DAMAGED: pack p-1 \\<b\\>differs\\</b\\>.")
                    .contains("| **FAILED** |")
                    .contains("| not done |");
        }
    }

    @Test
    void withoutAPlanItSaysSoAndTextOfOthersIsNoMarkup() {
        RunStatus status = new RunStatus(
                RunWorld.RUN,
                "change/orders",
                "mallory](http://x) | *",
                RunStatus.State.PLANNING,
                null,
                null,
                List.of(new StepReport("validate", "Validate", "control", StepReport.State.RUNNING, AT, null, "")),
                List.of());
        assertThat(RunDetails.markdown(
                        status, new RunDetails.Facts(Scenario.POINT_IN_TIME_RECOVERY, "planning", AT, AT, null, null)))
                .contains("## Planning")
                .contains("0 steps done, no plan yet")
                .contains("mallory\\](http://x) \\| \\*");
    }

    @Test
    void theDayIsToldWhereItIsAnotherOne() {
        RunStatus status = new RunStatus(
                RunWorld.RUN,
                "change/orders",
                "kim",
                RunStatus.State.WAITING_FOR_APPROVAL,
                null,
                new RunStatus.Waiting(Gate.EXECUTE, "approver", 0, AT, AT.plusSeconds(1800)),
                List.of(),
                List.of());
        assertThat(RunDetails.markdown(
                        status,
                        new RunDetails.Facts(
                                Scenario.POINT_IN_TIME_RECOVERY, "waiting-for-approval", AT, AT, null, null)))
                .contains("since **23:59:50**, until **2026-11-22 00:29:50**");
    }

    @Test
    void aLongRunShowsThePartAroundItsPresentStep() {
        List<StepReport> steps = IntStream.range(0, 500)
                .mapToObj(i -> new StepReport(
                        "s" + i, "Step " + i, "host-db1", StepReport.State.DONE, AT, AT, "x".repeat(900)))
                .collect(Collectors.toList());
        RunStatus status = new RunStatus(
                RunWorld.RUN, "change/orders", "kim", RunStatus.State.EXECUTING, null, null, steps, List.of());
        String text =
                RunDetails.markdown(status, new RunDetails.Facts(Scenario.RESTORE_TEST, "verify", AT, AT, null, null));
        assertThat(text).contains("Steps 441 to 500 of 500.").contains("| 500 | Step 499");
        assertThat(text.length()).isLessThan(20_000);
    }

    private static String details(WorkflowStub run) {
        return Objects.requireNonNull(
                        run.query("__temporal_workflow_metadata", io.temporal.api.sdk.v1.WorkflowMetadata.class))
                .getCurrentDetails();
    }
}
