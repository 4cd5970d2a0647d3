package dev.muster.workflows.connection;

import com.uber.m3.tally.Scope;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.workflowservice.v1.DescribeNamespaceRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.envconfig.LoadClientConfigProfileOptions;
import io.temporal.serviceclient.OperatorServiceStubs;
import io.temporal.serviceclient.OperatorServiceStubsOptions;
import io.temporal.serviceclient.RpcRetryOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * A client of the Temporal server that the environment names: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY,
 * TEMPORAL_TLS_* or a profile of temporal.toml, as in all of Temporal's tools.
 */
public final class TemporalConnection implements AutoCloseable {
    private static final long ONE_TRY_SECONDS = 5;
    private static final long PAUSE_MILLIS = 100;

    private final WorkflowServiceStubs service;
    private final OperatorServiceStubs operator;
    private final WorkflowClient client;
    private final String address;

    private TemporalConnection(
            WorkflowServiceStubs service, OperatorServiceStubs operator, WorkflowClient client, String address) {
        this.service = service;
        this.operator = operator;
        this.client = client;
        this.address = address;
    }

    /**
     * Connects and waits until the server answers for the namespace.
     *
     * @throws TemporalUnreachableException if it does not within the limit; at once where waiting would not help
     */
    public static TemporalConnection fromEnvironment(Duration limit) {
        return fromEnvironment(System.getenv(), limit);
    }

    /**
     * The same.
     *
     * @param metrics where the SDK counts its calls and its workers' work
     */
    public static TemporalConnection fromEnvironment(Duration limit, Scope metrics) {
        return open(profile(System.getenv()), limit, options -> options.setMetricsScope(metrics));
    }

    /** The same, by these variables instead of the process's own. */
    public static TemporalConnection fromEnvironment(Map<String, String> environment, Duration limit) {
        return open(profile(environment), limit, UnaryOperator.identity());
    }

    /** The same for a person who waits at a terminal: a question that nobody answers ends by the limit too. */
    public static TemporalConnection forOperator(Duration limit) {
        RpcRetryOptions retries =
                RpcRetryOptions.newBuilder().setExpiration(limit).validateBuildWithDefaults();
        return open(profile(System.getenv()), limit, options -> options.setRpcRetryOptions(retries));
    }

    /** To a server of this process's own at this address, in plaintext, whatever the environment says of others. */
    public static TemporalConnection plain(String address, Duration limit) {
        return open(ClientConfigProfile.newBuilder().setAddress(address).build(), limit, UnaryOperator.identity());
    }

    private static ClientConfigProfile profile(Map<String, String> environment) {
        try {
            return ClientConfigProfile.load(LoadClientConfigProfileOptions.newBuilder()
                    .setEnvOverrides(environment)
                    .build());
        } catch (IOException | RuntimeException e) {
            throw ConnectionFailures.unreadable(e);
        }
    }

    private static TemporalConnection open(
            ClientConfigProfile profile, Duration limit, UnaryOperator<WorkflowServiceStubsOptions.Builder> more) {
        WorkflowServiceStubsOptions options = options(profile, more);
        WorkflowClientOptions client = profile.toWorkflowClientOptions();
        WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(options);
        String address = String.valueOf(options.getTarget());
        try {
            await(service, address, namespace(client), limit);
        } catch (TemporalUnreachableException e) {
            service.shutdownNow();
            throw e;
        }
        return new TemporalConnection(service, operator(service), WorkflowClient.newInstance(service, client), address);
    }

    /** On the same channel and with the same credentials. */
    static OperatorServiceStubs operator(WorkflowServiceStubs service) {
        WorkflowServiceStubsOptions options = service.getOptions();
        return OperatorServiceStubs.newServiceStubs(OperatorServiceStubsOptions.newBuilder()
                .setChannel(service.getRawChannel())
                .setHeaders(options.getHeaders())
                .setGrpcMetadataProviders(options.getGrpcMetadataProviders())
                .setGrpcClientInterceptors(options.getGrpcClientInterceptors())
                .validateAndBuildWithDefaults());
    }

    private static WorkflowServiceStubsOptions options(
            ClientConfigProfile profile, UnaryOperator<WorkflowServiceStubsOptions.Builder> more) {
        try {
            return more.apply(WorkflowServiceStubsOptions.newBuilder(profile.toWorkflowServiceStubsOptions()))
                    .build();
        } catch (RuntimeException e) {
            // Certificates that cannot be read, a key without its certificate.
            throw ConnectionFailures.unreadable(e);
        }
    }

    private static String namespace(WorkflowClientOptions client) {
        return Optional.ofNullable(client.getNamespace()).orElse("default");
    }

    private static void await(WorkflowServiceStubs service, String address, String namespace, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                var unused = service.blockingStub()
                        .withDeadlineAfter(ONE_TRY_SECONDS, TimeUnit.SECONDS)
                        .describeNamespace(DescribeNamespaceRequest.newBuilder()
                                .setNamespace(namespace)
                                .build());
                return;
            } catch (StatusRuntimeException e) {
                Optional<TemporalUnreachableException> lasting = ConnectionFailures.lasting(e, address, namespace);
                if (lasting.isPresent()) {
                    throw lasting.get();
                }
                if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED
                        || System.nanoTime() - deadline > 0
                        || !pause()) {
                    throw ConnectionFailures.silent(address, limit, e);
                }
            }
        }
    }

    /** False if somebody wants this thread to end. */
    private static boolean pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    public WorkflowClient client() {
        return client;
    }

    /** What an operator may do on the server: on some only an administrator. */
    OperatorServiceStubs operator() {
        return operator;
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
