package dev.muster.embedded.temporal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import io.temporal.api.testservice.v1.TestServiceGrpc;
import io.temporal.api.testservice.v1.UnlockTimeSkippingRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateException;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.worker.WorkerFactory;
import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.UpdateMethod;
import io.temporal.workflow.UpdateValidatorMethod;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class TemporalInJvmTest {
    private static final String QUEUE = "approvals";
    /** The state LISTEN in /proc/net/tcp. */
    private static final String LISTEN = "0A";

    @WorkflowInterface
    public interface Approval {
        @WorkflowMethod
        String await(Duration pause);

        @UpdateMethod
        String approve(String who);

        @QueryMethod
        String approver();

        @UpdateValidatorMethod(updateName = "approve")
        void mayApprove(String who);
    }

    public static final class ApprovalImpl implements Approval {
        private String approver = "";

        @Override
        public String await(Duration pause) {
            Workflow.sleep(pause);
            Workflow.await(() -> !approver.isEmpty());
            return approver;
        }

        @Override
        public String approve(String who) {
            approver = who;
            return "approved by " + who;
        }

        @Override
        public String approver() {
            return approver;
        }

        @Override
        public void mayApprove(String who) {
            if (who.equals("mallory")) {
                throw new IllegalArgumentException("mallory may not approve");
            }
        }
    }

    @SuppressWarnings("NullAway.Init")
    private static TemporalInJvm temporal;

    @SuppressWarnings("NullAway.Init")
    private static WorkflowServiceStubs workerConnection;

    @SuppressWarnings("NullAway.Init")
    private static WorkerFactory workers;

    @BeforeAll
    static void start() {
        temporal = TemporalInJvm.start();
        workerConnection = connect();
        workers = worker(workerConnection, QUEUE);
    }

    private static WorkerFactory worker(WorkflowServiceStubs connection, String queue) {
        WorkerFactory factory = WorkerFactory.newInstance(WorkflowClient.newInstance(connection));
        factory.newWorker(queue).registerWorkflowImplementationTypes(ApprovalImpl.class);
        factory.start();
        return factory;
    }

    @AfterAll
    static void stop() {
        workers.shutdownNow();
        workerConnection.shutdownNow();
        temporal.close();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void itListensOnTheLoopbackOnly() throws IOException {
        String port = String.format(Locale.ROOT, ":%04X", temporal.port());
        assertThat(listeningAddresses(port))
                .singleElement()
                .asString()
                // 127.0.0.1 in the kernel's byte order, alone or mapped into IPv6 (a socket of both families that is
                // bound to it takes no other).
                .isIn("0100007F" + port, "0000000000000000FFFF00000100007F" + port);
    }

    @Test
    void aWorkflowOfAnotherConnectionTakesRealTimeAndAValidatorRefusesItsUpdate() throws Exception {
        WorkflowServiceStubs connection = connect();
        try {
            WorkflowStub run = WorkflowClient.newInstance(connection)
                    .newUntypedWorkflowStub(
                            "Approval",
                            WorkflowOptions.newBuilder()
                                    .setTaskQueue(QUEUE)
                                    .setWorkflowId("approval")
                                    .build());
            long start = System.nanoTime();
            run.start(Duration.ofMillis(1500));
            assertThatThrownBy(() -> run.update("approve", String.class, "mallory"))
                    .isInstanceOf(WorkflowUpdateException.class)
                    .hasStackTraceContaining("mallory may not approve");
            assertThat(run.update("approve", String.class, "alice")).isEqualTo("approved by alice");
            assertThat(run.getResult(20, TimeUnit.SECONDS, String.class)).isEqualTo("alice");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(1500), Duration.ofSeconds(15));
        } finally {
            connection.shutdownNow();
        }
    }

    @Test
    void aWorkerThatVanishesIsReplacedByAnotherOne() throws Exception {
        String queue = "vanishing";
        WorkflowServiceStubs connection = connect();
        WorkflowServiceStubs vanishing = connect();
        WorkerFactory first = worker(vanishing, queue);
        try {
            WorkflowStub run = WorkflowClient.newInstance(connection)
                    .newUntypedWorkflowStub(
                            "Approval",
                            WorkflowOptions.newBuilder()
                                    .setTaskQueue(queue)
                                    .setWorkflowId("vanishing")
                                    .build());
            run.start(Duration.ZERO);
            assertThat(run.query("approver", String.class)).isEmpty();

            // What a kill does to its connections; the worker itself is not asked to end in good order.
            vanishing.shutdownNow();
            WorkerFactory second = worker(connection, queue);
            try {
                assertThat(run.query("approver", String.class)).isEmpty();
                assertThat(run.update("approve", String.class, "alice")).isEqualTo("approved by alice");
                assertThat(run.getResult(20, TimeUnit.SECONDS, String.class)).isEqualTo("alice");
            } finally {
                second.shutdownNow();
            }
        } finally {
            first.shutdownNow();
            connection.shutdownNow();
        }
    }

    @Test
    void noClientCanMakeTimeRunFaster() {
        WorkflowServiceStubs connection = connect();
        try {
            assertThatThrownBy(() -> TestServiceGrpc.newBlockingStub(connection.getRawChannel())
                            .unlockTimeSkipping(UnlockTimeSkippingRequest.getDefaultInstance()))
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasMessageContaining("UNIMPLEMENTED");
        } finally {
            connection.shutdownNow();
        }
    }

    private static WorkflowServiceStubs connect() {
        return WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                .setTarget(temporal.target())
                .build());
    }

    private static List<String> listeningAddresses(String port) throws IOException {
        try (Stream<String> lines = Stream.concat(
                Files.readAllLines(Path.of("/proc/net/tcp")).stream(),
                Files.readAllLines(Path.of("/proc/net/tcp6")).stream())) {
            return lines.map(line -> List.of(line.strip().split("\\s+")))
                    .filter(fields ->
                            fields.get(1).endsWith(port) && fields.get(3).equals(LISTEN))
                    .map(fields -> fields.get(1))
                    .toList();
        }
    }
}
