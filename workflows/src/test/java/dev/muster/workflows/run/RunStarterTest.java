package dev.muster.workflows.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.runbooks.Scenario;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunStarterTest {
    private final RunWorld world = RunWorld.start();

    @AfterEach
    void close() {
        world.close();
    }

    private static RunRequest recovery(String runId, boolean dryRun) {
        return RunWorld.request(Scenario.POINT_IN_TIME_RECOVERY, runId, dryRun);
    }

    private WorkflowStub start(RunRequest request) {
        return world.starter.start(Scenario.POINT_IN_TIME_RECOVERY, "orders", request);
    }

    @Test
    void twoChangesOfOneSystemAtOnceAreRefused() {
        WorkflowStub first = start(recovery(RunWorld.RUN, false));
        world.untilWaiting(first);
        assertThatThrownBy(() -> start(recovery(RunWorld.OTHER_RUN, false)))
                .isInstanceOfSatisfying(ChangeUnderWayException.class, refusal -> {
                    assertThat(refusal.code()).isEqualTo("CHANGE_UNDER_WAY");
                    assertThat(refusal).hasMessageContaining(RunWorld.RUN).hasMessageContaining(RunWorld.REQUESTER);
                });
        assertThat(world.handle(first).status().runId()).isEqualTo(RunWorld.RUN);
    }

    @Test
    void aChangeIsRefusedWhileAWorkflowThatIsNoRunHasItsPlace() {
        for (Object[] input : new Object[][] {{}, {"made up"}}) {
            WorkflowStub squatter = world.client()
                    .newUntypedWorkflowStub(
                            "Anything",
                            WorkflowOptions.newBuilder()
                                    .setWorkflowId("change/orders")
                                    .setTaskQueue("nobody")
                                    .build());
            squatter.start(input);
            assertThatThrownBy(() -> start(recovery(RunWorld.RUN, false)))
                    .isInstanceOf(ChangeUnderWayException.class)
                    .hasMessageContaining("A workflow that is no run");
            squatter.terminate("Makes way");
        }
    }

    @Test
    void theSameRunStartedTwiceIsFoundAgain() {
        WorkflowStub first = start(recovery(RunWorld.RUN, false));
        world.untilWaiting(first);
        WorkflowStub again = start(recovery(RunWorld.RUN, false));
        assertThat(again.getExecution().getWorkflowId())
                .isEqualTo(first.getExecution().getWorkflowId());
        assertThat(world.calls.count("control:ValidateRunbook")).isEqualTo(1);
    }

    @Test
    void aFinishedBackupStartedAgainByTheSameIdIsNotTakenTwice() {
        RunReport first = world.result(world.run(Scenario.BACKUP));
        assertThat(world.result(world.run(Scenario.BACKUP))).isEqualTo(first);
        assertThat(world.calls.count("TakeBackup")).isEqualTo(1);
    }

    @Test
    void aChangeAfterAFinishedOneIsStarted() {
        world.result(start(recovery(RunWorld.RUN, false)));
        WorkflowStub next = start(recovery(RunWorld.OTHER_RUN, false));
        assertThat(world.untilWaiting(next).runId()).isEqualTo(RunWorld.OTHER_RUN);
    }

    @Test
    void aDryRunIsNotInTheWayOfAChangeAndAChangeNotOfIt() {
        WorkflowStub change = start(recovery(RunWorld.RUN, false));
        world.untilWaiting(change);
        WorkflowStub dry = start(recovery(RunWorld.OTHER_RUN, true));
        assertThat(world.result(dry).verdict()).isEqualTo(RunReport.Verdict.PLANNED);
    }
}
