package dev.muster.e2e.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Timestamp;
import dev.muster.catalog.Catalog;
import dev.muster.catalog.Role;
import dev.muster.embedded.database.CatalogDatabase;
import dev.muster.embedded.database.DemoPrimary;
import dev.muster.embedded.orders.OrdersLoad;
import dev.muster.embedded.orders.OrdersSize;
import dev.muster.embedded.process.OrphanGuard;
import dev.muster.embedded.process.RunFolder;
import dev.muster.embedded.process.Teardown;
import dev.muster.embedded.stack.RunningApi;
import dev.muster.embedded.stack.Stack;
import dev.muster.embedded.stack.TemporalChoice;
import dev.muster.postgres.instance.Installation;
import dev.muster.postgresbinaries.PostgresBinaries;
import dev.muster.workflows.run.RunReport;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.history.v1.HistoryEvent;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** From the request that starts a run to its first activity, in a world that does nothing else. */
final class FirstActivity {
    private static final int UNCOUNTED = 5;
    private static final int RUNS = 20;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final String where;
    private final TemporalChoice choice;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ObjectMapper json = new ObjectMapper();

    /** Milliseconds after the request was sent. */
    private record Times(double answered, double activity, double ended) {}

    FirstActivity(String where, TemporalChoice choice) {
        this.where = where;
        this.choice = choice;
    }

    void measure() throws Exception {
        try (Teardown teardown = Teardown.onExit()) {
            Installation installation = Installation.at(PostgresBinaries.home());
            RunFolder folder = RunFolder.create("bench", null, false, installation, Clock.systemUTC());
            teardown.add("the folder", folder::close);
            OrphanGuard guard = OrphanGuard.over(folder.path(), installation);
            teardown.add("the guard", guard::close);
            DemoPrimary primary = DemoPrimary.create(installation, folder.folder("primary"));
            teardown.add("the primary", primary::close);
            var unused = new OrdersLoad(primary.application(), OrdersSize.ofMegabytes(10), Clock.systemUTC()).run();
            CatalogDatabase catalogue = CatalogDatabase.create(installation, folder.folder("catalogue"));
            teardown.add("the catalogue", catalogue::close);
            Catalog.migrate(catalogue.settings());
            Stack stack = Stack.create(folder, installation, teardown, Clock.systemUTC(), choice)
                    .withSqlCheck("answers", "select 1", "1")
                    .withCatalog(catalogue);
            stack.configure(primary);
            stack.startControlWorker();
            stack.startHostWorker();
            RunningApi api = stack.startApi(0);
            String token;
            try (Catalog catalog = Catalog.open(catalogue.settings())) {
                token = catalog.tokens()
                        .create("olga", Set.of(Role.OPERATOR), null)
                        .bearer();
            }
            send(request(api.api().resolve("/v1/systems/" + Stack.SYSTEM), token)
                    .PUT(body(Map.of("yaml", Files.readString(stack.systemFile())))));
            print(stack, api, token);
        }
    }

    private void print(Stack stack, RunningApi api, String token) throws Exception {
        Times cold = start(stack, api, token);
        for (int i = 1; i < UNCOUNTED; i++) {
            Times unused = start(stack, api, token);
        }
        Times[] all = new Times[RUNS];
        for (int i = 0; i < RUNS; i++) {
            all[i] = start(stack, api, token);
        }
        Figures.table(
                "POST /v1/runs on " + where + ", a dry run, " + RUNS + " one after the other",
                "ms after the request was sent",
                "median",
                "p95",
                "the very first, cold");
        row("answered 201", java.util.Arrays.stream(all).mapToDouble(Times::answered), cold.answered());
        row("first activity started", java.util.Arrays.stream(all).mapToDouble(Times::activity), cold.activity());
        row("the plan is made and the run over", java.util.Arrays.stream(all).mapToDouble(Times::ended), cold.ended());
    }

    private static void row(String name, java.util.stream.DoubleStream values, double cold) {
        double[] all = values.toArray();
        Figures.row(
                name, Figures.text(Figures.median(all)), Figures.text(Figures.quantile(all, 0.95)), Figures.text(cold));
    }

    private Times start(Stack stack, RunningApi api, String token) throws Exception {
        HttpRequest.Builder request = request(api.api().resolve("/v1/runs"), token)
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(body(Map.of("system", Stack.SYSTEM, "runbook", "shipped:backup", "dryRun", true)));
        Instant sent = Instant.now();
        JsonNode run = send(request);
        Instant answered = Instant.now();
        String workflow = run.path("workflowId").asText();
        RunReport report = stack.temporal()
                .client()
                .newUntypedWorkflowStub(workflow)
                .getResult(LIMIT.toSeconds(), TimeUnit.SECONDS, RunReport.class);
        if (report.verdict() != RunReport.Verdict.PLANNED) {
            throw new IOException("The dry run ended otherwise: " + report.summary());
        }
        var history = stack.temporal().client().fetchHistory(workflow);
        HistoryEvent activity = history.getEvents().stream()
                .filter(event -> event.getEventType() == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED)
                .findFirst()
                .orElseThrow();
        return new Times(
                millis(sent, answered), millis(sent, time(activity)), millis(sent, time(history.getLastEvent())));
    }

    private static Instant time(HistoryEvent event) {
        Timestamp time = event.getEventTime();
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    private static double millis(Instant from, Instant to) {
        return Duration.between(from, to).toNanos() / 1e6;
    }

    private HttpRequest.Builder request(URI uri, String token) {
        return HttpRequest.newBuilder(uri)
                .timeout(LIMIT)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json");
    }

    private HttpRequest.BodyPublisher body(Map<String, Object> value) throws IOException {
        return HttpRequest.BodyPublishers.ofString(json.writeValueAsString(value));
    }

    private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("Answered " + answer.statusCode() + ": " + answer.body());
        }
        return json.readTree(answer.body());
    }
}
