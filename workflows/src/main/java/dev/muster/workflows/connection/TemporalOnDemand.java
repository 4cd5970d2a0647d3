package dev.muster.workflows.connection;

import com.uber.m3.tally.Scope;
import io.temporal.client.WorkflowClient;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.serviceclient.RpcRetryOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A client for a process that must come up, and go on, while Temporal is away: it connects when it is first used, and
 * each call ends within seconds. By the same settings as {@link TemporalConnection}.
 */
public final class TemporalOnDemand implements AutoCloseable {
    private static final Duration CALL = Duration.ofSeconds(4);
    private static final Duration QUERY = Duration.ofSeconds(3);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    private final WorkflowServiceStubs service;
    private final WorkflowClient client;
    private final String address;

    private TemporalOnDemand(WorkflowServiceStubs service, WorkflowClient client, String address) {
        this.service = service;
        this.client = client;
        this.address = address;
    }

    /**
     * By the environment.
     *
     * @param metrics where the SDK counts its calls
     * @throws TemporalUnreachableException if the settings cannot be read
     */
    public static TemporalOnDemand fromEnvironment(Scope metrics) {
        return open(profile(), metrics);
    }

    /** The same settings, but for a server at this address ({@code host:port}). */
    public static TemporalOnDemand to(String address, Scope metrics) {
        return open(profile().toBuilder().setAddress(address).build(), metrics);
    }

    private static ClientConfigProfile profile() {
        try {
            return ClientConfigProfile.load();
        } catch (IOException | RuntimeException e) {
            throw ConnectionFailures.unreadable(e);
        }
    }

    private static TemporalOnDemand open(ClientConfigProfile profile, Scope metrics) {
        WorkflowServiceStubsOptions options = WorkflowServiceStubsOptions.newBuilder(
                        profile.toWorkflowServiceStubsOptions())
                .setMetricsScope(metrics)
                .setRpcTimeout(CALL)
                .setRpcQueryTimeout(QUERY)
                .setSystemInfoTimeout(CALL)
                .setRpcRetryOptions(RpcRetryOptions.newBuilder()
                        .setInitialInterval(FIRST_PAUSE)
                        .setExpiration(CALL)
                        .validateBuildWithDefaults())
                .build();
        WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(options);
        return new TemporalOnDemand(
                service,
                WorkflowClient.newInstance(service, profile.toWorkflowClientOptions()),
                String.valueOf(options.getTarget()));
    }

    public WorkflowClient client() {
        return client;
    }

    public String address() {
        return address;
    }

    @Override
    public void close() {
        service.shutdown();
        if (!service.awaitTermination(2, TimeUnit.SECONDS)) {
            service.shutdownNow();
        }
    }
}
