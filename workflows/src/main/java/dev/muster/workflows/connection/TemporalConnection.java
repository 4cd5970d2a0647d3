package dev.muster.workflows.connection;

import com.uber.m3.tally.NoopScope;
import com.uber.m3.tally.Scope;
import io.temporal.client.WorkflowClient;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.IOException;
import java.time.Duration;

/**
 * A client of the Temporal server that the environment names: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY,
 * TEMPORAL_TLS_* or a profile of temporal.toml, as in all of Temporal's tools.
 */
public final class TemporalConnection implements AutoCloseable {
    private final WorkflowServiceStubs service;
    private final WorkflowClient client;
    private final String address;

    private TemporalConnection(WorkflowServiceStubs service, WorkflowClient client, String address) {
        this.service = service;
        this.client = client;
        this.address = address;
    }

    /**
     * Connects and waits until the server answers.
     *
     * @throws TemporalUnreachableException if it does not within the limit, or the settings cannot be read
     */
    public static TemporalConnection fromEnvironment(Duration limit) {
        return open(profile(), limit, new NoopScope());
    }

    /**
     * The same.
     *
     * @param metrics where the SDK counts its calls and its workers' work
     */
    public static TemporalConnection fromEnvironment(Duration limit, Scope metrics) {
        return open(profile(), limit, metrics);
    }

    /** The same settings, but for a server at this address ({@code host:port}). */
    public static TemporalConnection to(String address, Duration limit) {
        return open(profile().toBuilder().setAddress(address).build(), limit, new NoopScope());
    }

    private static ClientConfigProfile profile() {
        try {
            return ClientConfigProfile.load();
        } catch (IOException e) {
            throw new TemporalUnreachableException("Temporal's settings cannot be read: " + e.getMessage(), e);
        }
    }

    private static TemporalConnection open(ClientConfigProfile profile, Duration limit, Scope metrics) {
        WorkflowServiceStubsOptions options = WorkflowServiceStubsOptions.newBuilder(
                        profile.toWorkflowServiceStubsOptions())
                .setMetricsScope(metrics)
                .build();
        WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(options);
        String address = String.valueOf(options.getTarget());
        try {
            service.connect(limit);
        } catch (RuntimeException e) {
            service.shutdownNow();
            throw new TemporalUnreachableException("No Temporal server answers at " + address + " within " + limit, e);
        }
        return new TemporalConnection(
                service, WorkflowClient.newInstance(service, profile.toWorkflowClientOptions()), address);
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
        if (!service.awaitTermination(2, java.util.concurrent.TimeUnit.SECONDS)) {
            service.shutdownNow();
        }
    }
}
