package dev.muster.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes on while something that the API needs is away. */
class OutageTest {
    private static final Map<String, String> BACKUP = Map.of("system", "orders", "runbook", "shipped:backup");

    private final ApiWorld world;

    OutageTest(@TempDir Path folder) throws IOException {
        world = new ApiWorld(folder);
        world.putOrders();
    }

    @AfterEach
    void close() {
        world.close();
    }

    private ApiWorld.Answer admin(String path) {
        return world.send(HttpRequest.newBuilder(URI.create(world.api.adminUri() + path))
                .timeout(ApiWorld.SOON)
                .GET());
    }

    @Test
    void withoutTemporalReadsGoOnAndAStartIsRefusedAndThenTakenUpByItsRepeat() throws IOException {
        String run = world.start("shipped:point-in-time-recovery");
        String plan = world.untilWaiting(run).path("planHash").asText();
        await().atMost(ApiWorld.SOON)
                .until(() -> world.catalog
                        .runs()
                        .find(run)
                        .filter(kept -> kept.state().equals("WAITING_FOR_APPROVAL"))
                        .isPresent());
        world.stopTemporal();

        String key = UUID.randomUUID().toString();
        Instant asked = Instant.now();
        List<CompletableFuture<ApiWorld.Answer>> refused = List.of(
                CompletableFuture.supplyAsync(
                        () -> world.post("/v1/runs", world.operator, BACKUP, "Idempotency-Key", key)),
                CompletableFuture.supplyAsync(() -> world.post(
                        "/v1/runs/" + run + "/approvals",
                        world.approver,
                        Map.of("planHash", plan, "lossCeilingSeconds", 60))));
        refused.forEach(answer -> answer.join().expectProblem(503, "TEMPORAL_UNREACHABLE"));
        assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(20));

        JsonNode described =
                world.get("/v1/runs/" + run, world.viewer).expect(200).body();
        assertThat(described.path("run").path("live").asBoolean(true)).isFalse();
        assertThat(described.path("run").path("state").asText()).isEqualTo("WAITING_FOR_APPROVAL");
        assertThat(described.path("steps")).isNotEmpty();
        assertThat(world.get("/v1/runs", world.viewer).expect(200).body().path("runs"))
                .hasSize(1);
        world.get("/v1/runs/" + run + "/timeline", world.viewer).expect(200);
        world.get("/v1/runs/" + run + "/plan", world.viewer).expect(200);
        admin("/ready").expect(200);
        assertThat(admin("/healthcheck").body().path("temporal").path("healthy").asBoolean(true))
                .isFalse();

        world.startTemporal();
        world.startWorkers();
        String started = await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(500))
                .until(
                        () -> world.post("/v1/runs", world.operator, BACKUP, "Idempotency-Key", key),
                        answer -> answer.status() != 503)
                .body()
                .path("id")
                .asText();
        assertThat(world.get("/v1/runs/" + started, world.viewer)
                        .expect(200)
                        .body()
                        .path("run")
                        .path("scenario")
                        .asText())
                .isEqualTo("backup");
    }

    @Test
    void withoutTheCatalogueEveryRequestSaysSoAndAfterwardsAllIsAsBefore() {
        world.database.stop();
        world.get("/v1/runs", world.viewer).expectProblem(503, "CATALOG_UNREACHABLE");
        world.post("/v1/runs", world.operator, BACKUP, "Idempotency-Key", "a")
                .expectProblem(503, "CATALOG_UNREACHABLE");
        admin("/ready").expect(503);

        world.database.start();
        await().atMost(ApiWorld.SOON)
                .until(() -> world.get("/v1/runs", world.viewer).status() == 200);
        admin("/ready").expect(200);
        world.post("/v1/runs", world.operator, BACKUP, "Idempotency-Key", "a").expect(201);
    }

    @Test
    void metricsOfTheApiTheJvmAndTheTemporalSdkAreShown() {
        world.start("shipped:backup");
        assertThat(admin("/healthcheck")
                        .expect(200)
                        .body()
                        .path("catalog")
                        .path("healthy")
                        .asBoolean())
                .isTrue();
        await().atMost(ApiWorld.SOON)
                .untilAsserted(() -> assertThat(
                                admin("/metrics").expect(200).response().body())
                        .contains("muster_api_requests_seconds_count{operation=\"startRun\",status=\"201\"}")
                        .contains("jvm_memory_used_bytes")
                        .contains("temporal_request_total")
                        .contains("dropwizard_"));
    }
}
