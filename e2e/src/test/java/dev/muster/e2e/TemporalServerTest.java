package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.embedded.EmbeddedException;
import dev.muster.embedded.process.ChildJvm;
import dev.muster.embedded.temporal.TemporalServer;
import dev.muster.workflows.connection.SearchAttributeRegistration;
import dev.muster.workflows.connection.TemporalConnection;
import dev.muster.workflows.run.RunAttributes;
import io.temporal.api.workflowservice.v1.CountWorkflowExecutionsRequest;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.common.SearchAttributes;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporalServerTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @Test
    @NeedsTemporal
    void whatWasStartedIsThereAfterAKillAndRestartOnTheSameAddress() throws Exception {
        TemporalServer server = TemporalServer.start(TemporalServer.program().orElseThrow(), folder);
        try (TemporalConnection connection = TemporalConnection.plain(server.target(), SOON)) {
            assertThat(page(server.webAddress())).isEqualTo(200);
            WorkflowStub run = connection
                    .client()
                    .newUntypedWorkflowStub(
                            "NobodyRunsThis",
                            WorkflowOptions.newBuilder()
                                    .setWorkflowId("kept")
                                    .setTaskQueue("nobody")
                                    .build());
            run.start();
            String address = server.target();
            long first = server.processId();

            server.kill();
            assertThat(ProcessHandle.of(first)).isEmpty();
            server.restart();

            assertThat(server.target()).isEqualTo(address);
            assertThat(server.processId()).isNotEqualTo(first);
            assertThat(connection.client().fetchHistory("kept").getEvents()).isNotEmpty();
            assertThat(page(server.webAddress())).isEqualTo(200);
        } finally {
            server.close();
        }
        assertThat(ProcessHandle.of(server.processId())).isEmpty();
    }

    @Test
    @NeedsTemporal
    void searchAttributesAreRegisteredByAnyNumberOfWorkersAndFindRuns() {
        TemporalServer server = TemporalServer.start(TemporalServer.program().orElseThrow(), folder);
        try (TemporalConnection connection = TemporalConnection.plain(server.target(), SOON)) {
            assertThat(SearchAttributeRegistration.register(connection, RunAttributes.ALL))
                    .isEmpty();
            assertThat(SearchAttributeRegistration.register(connection, RunAttributes.ALL))
                    .isEmpty();
            connection
                    .client()
                    .newUntypedWorkflowStub(
                            "NobodyRunsThis",
                            WorkflowOptions.newBuilder()
                                    .setWorkflowId("found")
                                    .setTaskQueue("nobody")
                                    .setTypedSearchAttributes(SearchAttributes.newBuilder()
                                            .set(RunAttributes.SYSTEM, "orders")
                                            .build())
                                    .build())
                    .start();
            await().atMost(SOON)
                    .until(
                            () -> connection
                                    .client()
                                    .getWorkflowServiceStubs()
                                    .blockingStub()
                                    .countWorkflowExecutions(CountWorkflowExecutionsRequest.newBuilder()
                                            .setNamespace("default")
                                            .setQuery("MusterSystem = 'orders'")
                                            .build())
                                    .getCount(),
                            count -> count == 1);
        } finally {
            server.close();
        }
    }

    @Test
    @NeedsTemporal
    void itIsKilledWhenTheProcessThatStartedItIsKilled() throws Exception {
        Path ready = folder.resolve("ready");
        ChildJvm parent = ChildJvm.of("parent", HasAServer.class.getName())
                .arguments(folder.toString())
                .start(folder.resolve("parent.log"));
        try {
            parent.awaitReadyFile(ready, Duration.ofSeconds(60));
            ProcessHandle server =
                    ProcessHandle.of(Long.parseLong(Files.readString(ready))).orElseThrow();
            assertThat(server.isAlive()).isTrue();
            parent.kill();
            await().atMost(SOON).until(() -> !server.isAlive());
        } finally {
            parent.close();
        }
    }

    @Test
    void aProgramThatIsNoTemporalIsReportedWithWhatItSaid() throws IOException {
        Path program = Files.writeString(
                Files.createFile(
                        folder.resolve("temporal"),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))),
                "#!/bin/sh\necho 'I know nothing of workflows'\nexit 3\n");
        assertThatThrownBy(() -> TemporalServer.start(program, folder))
                .isInstanceOfSatisfying(EmbeddedException.class, e -> {
                    assertThat(e.code()).isEqualTo("TEMPORAL_NOT_STARTED");
                    assertThat(e).hasMessageContaining("I know nothing of workflows");
                });
    }

    /** Starts a server, writes its process id, and stays. */
    public static final class HasAServer {
        private HasAServer() {}

        public static void main(String[] arguments) throws Exception {
            Path folder = Path.of(arguments[0]);
            TemporalServer server =
                    TemporalServer.start(TemporalServer.program().orElseThrow(), folder);
            Files.writeString(folder.resolve("ready.tmp"), Long.toString(server.processId()));
            Files.move(folder.resolve("ready.tmp"), folder.resolve("ready"));
            new CountDownLatch(1).await();
        }
    }

    private static int page(String address) throws IOException {
        HttpURLConnection page = (HttpURLConnection) URI.create(address).toURL().openConnection();
        return page.getResponseCode();
    }
}
