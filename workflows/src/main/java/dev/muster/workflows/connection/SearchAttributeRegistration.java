package dev.muster.workflows.connection;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.api.operatorservice.v1.AddSearchAttributesRequest;
import io.temporal.api.operatorservice.v1.ListSearchAttributesRequest;
import io.temporal.api.operatorservice.v1.OperatorServiceGrpc;
import io.temporal.client.WorkflowClient;
import io.temporal.common.SearchAttributeKey;
import io.temporal.serviceclient.OperatorServiceStubs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes search attributes known to a Temporal server; any number of processes may do so at any time. */
public final class SearchAttributeRegistration {
    private static final Logger log = LoggerFactory.getLogger(SearchAttributeRegistration.class);
    private static final long LIMIT_SECONDS = 10;

    private SearchAttributeRegistration() {}

    /**
     * Registers those that are not registered yet. A server that does not let this connection register is no error: on
     * some only an administrator may, and a run then starts without them until he has.
     *
     * @return those that could not be registered
     */
    public static List<String> register(TemporalConnection temporal, List<SearchAttributeKey<String>> keys) {
        List<String> refused = new ArrayList<>();
        OperatorServiceStubs operator = temporal.operator();
        for (SearchAttributeKey<String> key : keys) {
            try {
                // One by one: of several, one that exists refuses them all.
                add(operator, temporal.client().getOptions().getNamespace(), key);
                log.info("Registered the search attribute {}", key.getName());
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
                    refused.add(key.getName());
                    log.warn(
                            "The search attribute {} cannot be registered here ({}). Runs are carried out all the same."
                                    + " To find them by it: temporal operator search-attribute create --name {} --type {}",
                            key.getName(),
                            e.getStatus(),
                            key.getName(),
                            "Keyword");
                }
            }
        }
        return refused;
    }

    /**
     * Whether the server knows all of these. Empty where it does not say: on some only an administrator may ask.
     *
     * @throws StatusRuntimeException if it does not answer
     */
    public static Optional<Boolean> areRegistered(WorkflowClient client, List<SearchAttributeKey<String>> keys) {
        try {
            Map<String, IndexedValueType> known = TemporalConnection.operator(client.getWorkflowServiceStubs())
                    .blockingStub()
                    .withDeadlineAfter(LIMIT_SECONDS, TimeUnit.SECONDS)
                    .listSearchAttributes(ListSearchAttributesRequest.newBuilder()
                            .setNamespace(client.getOptions().getNamespace())
                            .build())
                    .getCustomAttributesMap();
            return Optional.of(keys.stream().allMatch(key -> key.getValueType().equals(known.get(key.getName()))));
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.UNAVAILABLE
                    || e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
                throw e;
            }
            log.debug("The search attributes cannot be listed", e);
            return Optional.empty();
        }
    }

    private static void add(OperatorServiceStubs operator, String namespace, SearchAttributeKey<String> key) {
        OperatorServiceGrpc.OperatorServiceBlockingStub stub =
                operator.blockingStub().withDeadlineAfter(LIMIT_SECONDS, TimeUnit.SECONDS);
        var unused = stub.addSearchAttributes(AddSearchAttributesRequest.newBuilder()
                .setNamespace(namespace)
                .putSearchAttributes(key.getName(), key.getValueType())
                .build());
    }
}
