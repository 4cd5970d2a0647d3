package dev.muster.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temporal.api.enums.v1.EventType;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that is asked for again, because its answer was lost or by somebody else at the same time. */
class RepeatedStartTest {
    private static final Map<String, String> BACKUP = Map.of("system", "orders", "runbook", "shipped:backup");
    private static final Map<String, String> RECOVERY =
            Map.of("system", "orders", "runbook", "shipped:point-in-time-recovery");

    private final ApiWorld world;

    RepeatedStartTest(@TempDir Path folder) throws IOException {
        world = new ApiWorld(folder);
        world.putOrders();
    }

    @AfterEach
    void close() {
        world.close();
    }

    private String ask(int status, Map<String, String> request, String key) {
        return world.post("/v1/runs", world.operator, request, "Idempotency-Key", key)
                .expect(status)
                .body()
                .path("id")
                .asText();
    }

    /** As an API leaves it that is killed after Temporal took the start and before the catalogue did. */
    private void loseTheAnswer(String run) throws SQLException {
        world.database.execute("delete from record.run where run_id = '" + run + "'");
        world.database.execute("update record.run_start set confirmed = null where run_id = '" + run + "'");
    }

    @Test
    void withoutWorkersARunIsStartedAndFoundByItsRepeatAndAnotherChangeIsRefused() throws Exception {
        world.stopWorkers();
        String change = ask(201, RECOVERY, "change");
        assertThat(ask(200, RECOVERY, "change")).isEqualTo(change);
        String backup = ask(201, BACKUP, "backup");

        loseTheAnswer(change);
        loseTheAnswer(backup);
        assertThat(ask(200, RECOVERY, "change")).isEqualTo(change);
        assertThat(ask(200, BACKUP, "backup")).isEqualTo(backup);
        ApiWorld.Answer other = world.post("/v1/runs", world.operator, RECOVERY, "Idempotency-Key", "other");
        other.expectProblem(409, "CHANGE_UNDER_WAY");
        assertThat(other.body().path("detail").asText()).contains(change, "olga");

        world.startWorkers();
        world.untilWaiting(change);
        await().atMost(ApiWorld.SOON).until(() -> world.host.done.contains("TakeBackup"));
    }

    @Test
    void withoutWorkersAChangeThatHasEndedIsNotStartedAgainByTheRepeatOfALostAnswer() throws Exception {
        String change = ask(201, RECOVERY, "change");
        world.untilWaiting(change);
        world.temporalClient().newUntypedWorkflowStub("change/orders").terminate("Ended by the test");
        world.stopWorkers();
        loseTheAnswer(change);

        assertThat(ask(200, RECOVERY, "change")).isEqualTo(change);

        world.startWorkers();
        assertThat(world.temporalClient()
                        .fetchHistory("change/orders")
                        .getLastEvent()
                        .getEventType())
                .isEqualTo(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED);
    }

    @Test
    void twoInstancesAtOnceWithOneKeyStartOneRun() throws Exception {
        try (ApiServer second = world.startApi()) {
            for (int round = 0; round < 5; round++) {
                String key = UUID.randomUUID().toString();
                List<CompletableFuture<ApiWorld.Answer>> answers = new ArrayList<>();
                for (ApiServer instance : List.of(world.api, second, world.api, second)) {
                    HttpRequest.Builder request = ApiWorld.request(instance, "/v1/runs", world.operator)
                            .header("Content-Type", "application/json")
                            .header("Idempotency-Key", key)
                            .POST(HttpRequest.BodyPublishers.ofString(
                                    "{\"system\":\"orders\",\"runbook\":\"shipped:backup\"}"));
                    answers.add(CompletableFuture.supplyAsync(() -> world.send(request)));
                }
                Set<String> runs = new TreeSet<>();
                int created = 0;
                for (CompletableFuture<ApiWorld.Answer> answer : answers) {
                    ApiWorld.Answer got = answer.get();
                    assertThat(got.status()).as(got.response().body()).isIn(200, 201);
                    created += got.status() == 201 ? 1 : 0;
                    runs.add(got.body().path("id").asText());
                }
                assertThat(runs).hasSize(1);
                assertThat(created).isEqualTo(1);
            }
            await().atMost(ApiWorld.SOON)
                    .until(() -> world.host.done.stream()
                                    .filter("TakeBackup"::equals)
                                    .count()
                            == 5);
            assertThat(world.get("/v1/runs", world.viewer).body().path("runs")).hasSize(5);
        }
    }
}
