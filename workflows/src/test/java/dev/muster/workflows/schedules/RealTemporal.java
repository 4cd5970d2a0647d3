package dev.muster.workflows.schedules;

import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A real Temporal server, as a process of its own, for what the one inside a test's JVM cannot do. */
final class RealTemporal implements AutoCloseable {
    private final Process process;
    private final WorkflowServiceStubs service;
    private final String address;

    private RealTemporal(Process process, WorkflowServiceStubs service, String address) {
        this.process = process;
        this.service = service;
        this.address = address;
    }

    /** Starts one, or ends the test with a loud word outside the profile or where the program is not on the PATH. */
    static RealTemporal start(Path folder) throws IOException {
        if (!Boolean.getBoolean("muster.server.tests")) {
            shout("== TESTS OF SCHEDULES ON A REAL TEMPORAL SERVER WERE NOT RUN; to run them: mvn verify -Pserver");
            Assumptions.abort("not in the profile 'server'");
        }
        Optional<Path> program = program();
        if (program.isEmpty()) {
            shout("== NO 'temporal' ON THE PATH: TESTS ON A REAL TEMPORAL SERVER WERE NOT RUN");
            Assumptions.abort("no 'temporal' on the PATH");
        }
        int port = freePort();
        Process process = new ProcessBuilder(
                        program.orElseThrow().toString(),
                        "server",
                        "start-dev",
                        "--headless",
                        "--ip",
                        "127.0.0.1",
                        "--port",
                        String.valueOf(port),
                        "--db-filename",
                        folder.resolve("temporal.db").toString(),
                        "--log-level",
                        "error")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("temporal.log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "temporal"));
        String address = "127.0.0.1:" + port;
        WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(
                WorkflowServiceStubsOptions.newBuilder().setTarget(address).build());
        try {
            service.connect(Duration.ofSeconds(60));
        } catch (RuntimeException e) {
            service.shutdownNow();
            process.destroyForcibly();
            throw new IllegalStateException(Files.readString(folder.resolve("temporal.log")), e);
        }
        return new RealTemporal(process, service, address);
    }

    /**
     * Past the build, which keeps what a test prints in a file that nobody reads when all is well. Not closed, because
     * with it this process's errors would be closed.
     */
    private static void shout(String line) throws IOException {
        new FileOutputStream(FileDescriptor.err)
                .write((line + System.lineSeparator()).getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<Path> program() {
        return Arrays.stream(String.valueOf(System.getenv("PATH")).split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, "temporal"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    WorkflowServiceStubs service() {
        return service;
    }

    String address() {
        return address;
    }

    WorkflowClient client() {
        return WorkflowClient.newInstance(
                service,
                WorkflowClientOptions.newBuilder().setIdentity("muster-test").build());
    }

    @Override
    public void close() {
        service.shutdownNow();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
