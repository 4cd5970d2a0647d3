package dev.muster.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.activities.authority.AdmittedPlans;
import dev.muster.activities.authority.HighestEpochs;
import dev.muster.activities.authority.HostAuthority;
import dev.muster.activities.catalog.RunRecording;
import dev.muster.activities.catalog.StoreIndexing;
import dev.muster.activities.planning.EpochsOnDisk;
import dev.muster.activities.planning.Planning;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.Role;
import dev.muster.workflows.TaskQueues;
import dev.muster.workflows.approval.ApproverKey;
import dev.muster.workflows.approval.TrustedApprovers;
import dev.muster.workflows.backup.BackupImpl;
import dev.muster.workflows.connection.SearchAttributeRegistration;
import dev.muster.workflows.connection.TemporalConnection;
import dev.muster.workflows.recording.RefreshIndexImpl;
import dev.muster.workflows.recording.RunRecorderImpl;
import dev.muster.workflows.recovery.PointInTimeRecoveryImpl;
import dev.muster.workflows.recovery.RestoreTestImpl;
import dev.muster.workflows.run.RunAttributes;
import io.temporal.client.WorkflowClient;
import io.temporal.testserver.TestServer;
import io.temporal.worker.WorkerFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The system orders with its workers, Temporal and the catalogue, and the API before them. */
final class ApiWorld implements AutoCloseable {
    static final Duration SOON = Duration.ofSeconds(30);

    final ApiDatabase database;
    final Catalog catalog;
    final OrdersHost host;
    final String viewer;
    final String operator;
    final String approver;
    final Path keys;
    final Path approvers;
    final ApiServer api;
    final int temporalPort;

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(SOON)
            .build();
    private final Path folder;
    private TestServer.@Nullable PortBoundTestServer temporal;
    private @Nullable TemporalConnection connection;
    private @Nullable WorkerFactory workers;

    ApiWorld(Path folder) throws IOException {
        this.folder = folder;
        database = ApiDatabase.start(folder);
        catalog = Catalog.open(database.settings());
        viewer = token("vera", Role.VIEWER);
        operator = token("olga", Role.OPERATOR);
        approver = token("anna", Role.APPROVER);
        keys = Files.createDirectory(folder.resolve("keys"));
        approvers = Files.createDirectory(folder.resolve("approvers"));
        ApproverKey issuer = ApproverKey.generateIssuer("api", Instant.now());
        issuer.writePrivate(keys.resolve("api.private.jwk"));
        issuer.writePublic(approvers.resolve("api.jwk"));
        TrustedApprovers trusted = TrustedApprovers.read(approvers);
        host = new OrdersHost(new HostAuthority(
                "db1",
                "approver",
                trusted,
                new HighestEpochs(folder.resolve("epochs-seen")),
                new AdmittedPlans(folder.resolve("plans")),
                Clock.systemUTC()));
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            temporalPort = free.getLocalPort();
        }
        startTemporal();
        startWorkers();
        api = startApi();
    }

    String token(String subject, Role... roles) {
        return catalog.tokens().create(subject, Set.of(roles), null).bearer();
    }

    /** A second instance has the same catalogue, keys and Temporal. */
    ApiServer startApi() throws IOException {
        return startApi(Clock.systemUTC());
    }

    /** One whose machine has this clock. */
    ApiServer startApi(Clock clock) throws IOException {
        return ApiServer.start(
                new ApiSettings(
                        new ApiSettings.Address("127.0.0.1", 0),
                        new ApiSettings.Address("127.0.0.1", 0),
                        database.settings(),
                        keys),
                "127.0.0.1:" + temporalPort,
                clock);
    }

    void startTemporal() {
        temporal = TestServer.createPortBoundServer(temporalPort, true);
    }

    /** All histories are gone with it. */
    void stopTemporal() {
        stopWorkers();
        Objects.requireNonNull(temporal).close();
        temporal = null;
    }

    void startWorkers() throws IOException {
        TemporalConnection connected = TemporalConnection.plain("127.0.0.1:" + temporalPort, SOON);
        connection = connected;
        // As a control worker does when it starts.
        SearchAttributeRegistration.register(connected, RunAttributes.ALL);
        WorkerFactory factory = WorkerFactory.newInstance(connected.client());
        workers = factory;
        factory.newWorker(TaskQueues.MUSTER)
                .registerWorkflowImplementationTypes(
                        BackupImpl.class,
                        PointInTimeRecoveryImpl.class,
                        RestoreTestImpl.class,
                        RunRecorderImpl.class,
                        RefreshIndexImpl.class);
        factory.newWorker(TaskQueues.CONTROL)
                .registerActivitiesImplementations(new Planning(
                        TrustedApprovers.read(approvers),
                        new EpochsOnDisk(folder.resolve("epochs-given")),
                        true,
                        Clock.systemUTC()));
        factory.newWorker(TaskQueues.CATALOG)
                .registerActivitiesImplementations(
                        new RunRecording(catalog, Clock.systemUTC()), new StoreIndexing(catalog));
        factory.newWorker(TaskQueues.site("berlin")).registerActivitiesImplementations(host);
        factory.newWorker(TaskQueues.host("db1")).registerActivitiesImplementations(host);
        factory.start();
    }

    void stopWorkers() {
        WorkerFactory running = workers;
        if (running != null) {
            running.shutdownNow();
            running.awaitTermination(10, java.util.concurrent.TimeUnit.SECONDS);
            workers = null;
        }
        TemporalConnection connected = connection;
        if (connected != null) {
            connected.close();
            connection = null;
        }
    }

    /** A client as anybody has it who can reach Temporal. */
    WorkflowClient temporalClient() {
        return Objects.requireNonNull(connection).client();
    }

    static String orders() {
        try (var in = Objects.requireNonNull(ApiWorld.class.getResourceAsStream("/dev/muster/api/orders.yaml"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An answer, and its body as JSON where it is JSON. */
    record Answer(HttpResponse<String> response, JsonNode body) {
        int status() {
            return response.statusCode();
        }

        /** The problem's code. */
        String code() {
            return body.path("code").asText();
        }

        Answer expect(int status) {
            assertThat(status()).as(response.body()).isEqualTo(status);
            return this;
        }

        /** A problem with everything that a problem has. */
        void expectProblem(int status, String code) {
            assertThat(status() + " " + code()).as(response.body()).isEqualTo(status + " " + code);
            assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(body.path("status").asInt()).isEqualTo(status);
            assertThat(body.path("hint").asText()).isNotBlank();
            assertThat(body.path("detail").asText()).isNotBlank();
            assertThat(body.path("title").asText()).isNotBlank();
            assertThat(body.path("type").asText()).isEqualTo("urn:muster:error:" + code);
        }
    }

    HttpRequest.Builder request(String path, String token) {
        return request(api, path, token);
    }

    static HttpRequest.Builder request(ApiServer server, String path, String token) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(URI.create(server.uri() + path)).timeout(SOON);
        return token.isEmpty() ? builder : builder.header("Authorization", "Bearer " + token);
    }

    Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            boolean isJson = response.headers()
                    .firstValue("Content-Type")
                    .filter(type -> type.contains("json"))
                    .isPresent();
            return new Answer(response, isJson ? json.readTree(response.body()) : json.createObjectNode());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    HttpClient http() {
        return http;
    }

    Answer get(String path, String token) {
        return send(request(path, token).GET());
    }

    Answer post(String path, String token, Object body, String... headers) {
        return post(api, path, token, body, headers);
    }

    Answer post(ApiServer server, String path, String token, Object body, String... headers) {
        HttpRequest.Builder request = request(server, path, token).header("Content-Type", "application/json");
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return send(request.POST(HttpRequest.BodyPublishers.ofString(text(body))));
    }

    Answer put(String path, String token, Object body) {
        return send(request(path, token)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(text(body))));
    }

    private String text(Object body) {
        try {
            return body instanceof String text ? text : json.writeValueAsString(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts the system orders. */
    void putOrders() {
        put("/v1/systems/orders", operator, java.util.Map.of("yaml", orders())).expect(200);
    }

    /** Starts a shipped runbook as olga and answers with the run's id. */
    String start(String runbook) {
        return post(
                        "/v1/runs",
                        operator,
                        java.util.Map.of("system", "orders", "runbook", runbook),
                        "Idempotency-Key",
                        UUID.randomUUID().toString())
                .expect(201)
                .body()
                .path("id")
                .asText();
    }

    /** Asks until the run is as wanted. */
    JsonNode until(String run, Predicate<JsonNode> wanted) {
        return await().atMost(SOON)
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> get("/v1/runs/" + run, viewer).expect(200).body().path("run"),
                        found -> wanted.test(found));
    }

    JsonNode untilWaiting(String run) {
        return until(run, found -> found.path("state").asText().equals("WAITING_FOR_APPROVAL"));
    }

    @Override
    public void close() {
        api.close();
        stopWorkers();
        TestServer.PortBoundTestServer running = temporal;
        if (running != null) {
            running.close();
        }
        catalog.close();
        database.close();
    }
}
