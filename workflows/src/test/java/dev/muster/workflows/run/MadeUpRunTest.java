package dev.muster.workflows.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.runbooks.Scenario;
import dev.muster.workflows.TaskQueues;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Somebody starts the scenarios by hand, with whatever he likes. */
@Timeout(60)
class MadeUpRunTest {
    private final RunWorld world = RunWorld.start();

    @AfterEach
    void end() {
        world.close();
    }

    private WorkflowStub start(Object... arguments) {
        WorkflowStub run = world.client()
                .newUntypedWorkflowStub(
                        "PointInTimeRecovery",
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TaskQueues.MUSTER)
                                .setWorkflowId("change/orders")
                                .build());
        run.start(arguments);
        return run;
    }

    @Test
    void aRunWithoutAReadableRequestFailsAndFreesItsSystem() {
        Map<String, String> file = Map.of("name", "x.yaml", "text", "");
        for (Object request : List.of(
                "no request",
                List.of(),
                Map.of("schema", 2),
                Map.of("schema", 1, "runId", RunWorld.RUN, "requester", "kim"),
                request(RunWorld.RUN, "kim\nand others", file),
                request("../" + RunWorld.RUN, "kim", file),
                request(RunWorld.RUN, "kim", Map.of("name", "x.yaml", "text", "x".repeat(300_000))))) {
            expectFailure(start(request));
        }
        expectFailure(start());
        expectFailure(start(new Object[] {null}));
        assertThat(world.calls.onHost()).isEmpty();
        assertThat(world.approve(world.run(Scenario.POINT_IN_TIME_RECOVERY)).accepted())
                .isTrue();
    }

    private static Map<String, Object> request(String runId, String requester, Map<String, String> file) {
        return Map.of("schema", 1, "runId", runId, "requester", requester, "runbook", file, "system", file);
    }

    private static void expectFailure(WorkflowStub run) {
        assertThatThrownBy(() -> run.getResult(20, TimeUnit.SECONDS, RunReport.class))
                .isInstanceOf(WorkflowFailedException.class)
                .cause()
                .isInstanceOf(ApplicationFailure.class);
    }
}
