package dev.muster.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.catalog.ScheduleExecution;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Schedules without what only a real Temporal server does, which the whole's test has: their log, and bad input. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SchedulesTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final String NIGHTLY = "/v1/schedules/orders/nightly";

    private final ApiWorld world;

    SchedulesTest(@TempDir Path folder) throws IOException {
        world = new ApiWorld(folder);
    }

    @AfterAll
    void close() {
        world.close();
    }

    private static Map<String, Object> files(String... texts) {
        List<Map<String, String>> files = new ArrayList<>();
        for (String text : texts) {
            files.add(Map.of("name", "file-" + files.size() + ".yaml", "text", text));
        }
        return Map.of("files", files);
    }

    private static String schedule(String cron) {
        return "apiVersion: muster/v1\nkind: Schedule\nmetadata: {name: nightly}\nspec:\n  runbook: shipped:backup\n"
                + "  cron: [\"" + cron + "\"]\n  timeZone: UTC\n";
    }

    private void keep(String schedule, int hour, String outcome, String run) {
        Instant due = NOON.plusSeconds(3600L * hour);
        world.catalog
                .scheduleExecutions()
                .record(new ScheduleExecution(schedule, due, due.plusSeconds(60), outcome, run, "Hour " + hour));
    }

    @Test
    void theLogIsReadNewestFirstPageByPage() {
        for (int hour = 0; hour < 5; hour++) {
            keep("paged/nightly", hour, hour == 3 ? "SKIPPED" : "SUCCEEDED", "01KAJ7ZQ5V3M9X2W8R4T6Y0AB" + hour);
        }
        keep("paged/other", 9, "FAILED", "01KAJ7ZQ5V3M9X2W8R4T6Y0XYZ");

        List<String> due = new ArrayList<>();
        String page = "/v1/schedules/paged/nightly/executions?limit=2";
        String next = "";
        do {
            JsonNode answer = world.get(page + next, world.viewer).expect(200).body();
            assertThat(answer.path("schedule").asText()).isEqualTo("paged/nightly");
            answer.path("executions")
                    .forEach(each -> due.add(each.path("due").asText().substring(11, 13)
                            + each.path("outcome").asText()
                            + each.path("detail").asText()));
            next = answer.has("next") ? "&before=" + answer.path("next").asText() : "";
        } while (!next.isEmpty());
        assertThat(due)
                .containsExactly(
                        "16SUCCEEDEDHour 4",
                        "15SKIPPEDHour 3",
                        "14SUCCEEDEDHour 2",
                        "13SUCCEEDEDHour 1",
                        "12SUCCEEDEDHour 0");
        assertThat(world.get("/v1/schedules/paged/unheard-of/executions", world.viewer)
                        .expect(200)
                        .body()
                        .path("executions"))
                .isEmpty();
    }

    @Test
    void aServerWithoutSchedulesSaysSoWhateverIsAskedOfIt() {
        world.get("/v1/schedules", world.viewer).expectProblem(409, "SCHEDULES_NOT_SUPPORTED");
        world.get("/v1/schedules?system=orders", world.viewer).expectProblem(409, "SCHEDULES_NOT_SUPPORTED");
        world.get(NIGHTLY, world.viewer).expectProblem(409, "SCHEDULES_NOT_SUPPORTED");
        world.post(NIGHTLY + "/pause", world.operator, Map.of("note", "why"))
                .expectProblem(409, "SCHEDULES_NOT_SUPPORTED");
        world.post(NIGHTLY + "/trigger", world.operator, Map.of()).expectProblem(409, "SCHEDULES_NOT_SUPPORTED");
        world.put("/v1/schedules", world.operator, files(ApiWorld.orders(), schedule("0 2 * * *")))
                .expectProblem(409, "SCHEDULES_NOT_SUPPORTED");
    }

    @Test
    void aViewerReadsAndOnlyAnOperatorChanges() {
        for (String verb : List.of("pause", "resume", "trigger", "backfill")) {
            world.post(NIGHTLY + "/" + verb, world.viewer, Map.of()).expectProblem(403, "ROLE_MISSING");
            world.post(NIGHTLY + "/" + verb, "", Map.of()).expectProblem(401, "TOKEN_MISSING");
        }
        world.put("/v1/schedules", world.approver, Map.of()).expectProblem(403, "ROLE_MISSING");
        world.get(NIGHTLY + "/executions", "").expectProblem(401, "TOKEN_MISSING");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pause    | {}                              | FIELD_MISSING",
                "pause    | {\"note\":\" \"}                | FIELD_MISSING",
                "pause    | {\"note\":7}                    | FIELD_INVALID",
                "pause    | {\"why\":\"x\"}                 | FIELD_UNKNOWN",
                "resume   | null                            | FIELD_MISSING",
                "resume   | {\"note\":\"a\\u0000\"}         | FIELD_INVALID",
                "backfill | {\"from\":\"2026-11-21T03:00:00Z\"} | FIELD_MISSING",
                "backfill | {\"from\":\"2026-11-21\",\"to\":\"2026-11-21T03:00:00Z\"} | FIELD_INVALID",
                "backfill | {\"from\":\"2026-11-21T03:00:00\",\"to\":\"2026-11-21T03:00:00Z\"} | FIELD_INVALID",
                "backfill | {\"from\":1,\"to\":2}           | FIELD_INVALID",
            })
    void aBodyThatIsWrongIsRefusedBeforeTemporalIsAsked(String verb, String body, String code) {
        world.post(NIGHTLY + "/" + verb, world.operator, body).expectProblem(400, code);
    }

    @Test
    void aNoteThatIsTooLongIsRefused() {
        world.post(NIGHTLY + "/pause", world.operator, Map.of("note", "x".repeat(291)))
                .expectProblem(400, "FIELD_INVALID");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Orders/nightly", "orders/a%20b", "orders/..x", "orders/%00"})
    void aNameThatCannotBeOneIsNotFound(String name) {
        ApiWorld.Answer answer = world.get("/v1/schedules/" + name + "/executions", world.viewer);
        assertThat(answer.status()).isIn(400, 404);
        assertThat(answer.code()).isIn("SCHEDULE_NOT_FOUND", "REQUEST_MALFORMED");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/schedules?system=",
                "/v1/schedules?system=A",
                NIGHTLY + "/executions?limit=0",
                NIGHTLY + "/executions?limit=501",
                NIGHTLY + "/executions?before=yesterday",
                NIGHTLY + "/executions?before=2026-11-21T03:00:00",
            })
    void aParameterOutOfItsBoundsIsRefused(String path) {
        world.get(path, world.viewer).expectProblem(400, "PARAMETER_INVALID");
    }

    @Test
    void everyProblemOfTheFilesIsToldWithItsPlaceAndNothingIsApplied() {
        world.put("/v1/schedules", world.operator, Map.of()).expectProblem(400, "FIELD_MISSING");
        world.put("/v1/schedules", world.operator, Map.of("files", List.of())).expectProblem(400, "FIELD_INVALID");
        world.put("/v1/schedules", world.operator, Map.of("files", List.of(Map.of("name", "a.yaml"))))
                .expectProblem(400, "FIELD_MISSING");
        world.put("/v1/schedules", world.operator, "{\"files\":[null]}").expectProblem(400, "FIELD_MISSING");
        world.put("/v1/schedules", world.operator, files(ApiWorld.orders())).expectProblem(400, "NO_SCHEDULE");
        assertThat(refusal(schedule("0 2 * * *")).path("code").asText()).isEqualTo("SYSTEM_MISSING");
        JsonNode problem = refusal(ApiWorld.orders(), schedule("0 2 31 2 *"));
        assertThat(problem.path("code").asText()).isEqualTo("CRON_NEVER");
        assertThat(problem.path("file").asText()).isEqualTo("file-1.yaml");
        assertThat(problem.path("line").asInt()).isEqualTo(6);
        assertThat(problem.path("field").asText()).isEqualTo("spec.cron[0]");
    }

    /** The first problem of files that are refused. */
    private JsonNode refusal(String... texts) {
        ApiWorld.Answer refused = world.put("/v1/schedules", world.operator, files(texts));
        refused.expectProblem(400, "RUNBOOK_REFUSED");
        return refused.body().path("problems").path(0);
    }

    @Test
    void withoutTemporalTheLogIsReadAndTheRestSaysThatItIsAway() throws IOException {
        keep("kept/nightly", 1, "SUCCEEDED", "01KAJ7ZQ5V3M9X2W8R4T6Y0ABC");
        world.stopTemporal();
        try {
            assertThat(world.get("/v1/schedules/kept/nightly/executions", world.viewer)
                            .expect(200)
                            .body()
                            .path("executions"))
                    .hasSize(1);
            // At once: each waits for Temporal as long as it may.
            Stream.<Supplier<ApiWorld.Answer>>of(
                            () -> world.get("/v1/schedules", world.viewer),
                            () -> world.get(NIGHTLY, world.viewer),
                            () -> world.post(NIGHTLY + "/resume", world.operator, Map.of("note", "why")),
                            () -> world.put(
                                    "/v1/schedules", world.operator, files(ApiWorld.orders(), schedule("0 2 * * *"))))
                    .map(CompletableFuture::supplyAsync)
                    .toList()
                    .forEach(answer -> answer.join().expectProblem(503, "TEMPORAL_UNREACHABLE"));
        } finally {
            world.startTemporal();
            world.startWorkers();
            await().atMost(ApiWorld.SOON)
                    .until(() -> world.get("/v1/schedules", world.viewer).status() != 503);
        }
    }
}
