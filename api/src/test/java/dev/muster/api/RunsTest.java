package dev.muster.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.catalog.BackupProof;
import dev.muster.catalog.ProofLevel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RunsTest {
    private static final Map<String, String> RECOVERY =
            Map.of("system", "orders", "runbook", "shipped:point-in-time-recovery");
    private static final Map<String, String> BACKUP = Map.of("system", "orders", "runbook", "shipped:backup");

    private ApiWorld world;

    RunsTest(@TempDir Path folder) throws IOException {
        world = new ApiWorld(folder);
        world.putOrders();
    }

    @BeforeAll
    void begin() {
        assertThat(world.get("/v1/systems/orders", world.viewer)
                        .expect(200)
                        .body()
                        .path("yaml")
                        .asText())
                .isEqualTo(ApiWorld.orders());
    }

    @AfterAll
    void end() {
        world.close();
    }

    @Test
    void aRunIsStartedListedAndDescribedToItsEnd() {
        String run = world.start("shipped:backup");
        await().atMost(ApiWorld.SOON).until(() -> world.host.done.contains("TakeBackup"));

        JsonNode described =
                world.get("/v1/runs/" + run, world.viewer).expect(200).body();
        assertThat(described.path("run").path("requester").asText()).isEqualTo("olga");
        assertThat(described.path("run").path("scenario").asText()).isEqualTo("backup");
        assertThat(described.path("steps")).isNotEmpty();
        JsonNode listed = world.get("/v1/runs?system=orders&requester=olga", world.viewer)
                .expect(200)
                .body();
        assertThat(listed.path("runs").findValuesAsText("id")).contains(run);
    }

    @Test
    void aSystemOfTwoSitesComesBackAsItWasPutUnderTheHashOfItsTextAndItsWarningsAreTold() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "reference", "systems.md"));
        String yaml = page.split("```yaml\n")[2].split("```")[0].replace("{name: orders}", "{name: two-sites}");
        String hash = new dev.muster.runbooks.yaml.SourceText("two-sites", yaml).hash();
        for (int i = 0; i < 2; i++) {
            JsonNode put = world.put("/v1/systems/two-sites", world.operator, Map.of("yaml", yaml))
                    .expect(200)
                    .body();
            assertThat(put.path("yaml").asText()).isEqualTo(yaml);
            assertThat(put.path("version").asText()).isEqualTo(hash);
        }
        assertThat(world.get("/v1/systems/two-sites", world.viewer)
                        .expect(200)
                        .body()
                        .path("yaml")
                        .asText())
                .isEqualTo(yaml);
        JsonNode validated = world.post(
                        "/v1/runbooks/validate",
                        world.viewer,
                        Map.of("runbook", yaml.replace("site: paris, store", "site: berlin, store")))
                .expect(200)
                .body();
        assertThat(validated.path("valid").asBoolean()).isTrue();
        assertThat(validated.path("warnings").findValuesAsText("code")).containsExactly("SITE_WITHOUT_STORE");
        assertThat(validated.path("warnings").path(0).path("line").asInt()).isGreaterThan(20);
        world.put(
                        "/v1/systems/two-sites",
                        world.operator,
                        Map.of("yaml", yaml.replace("upstream: db2", "upstream: db4")))
                .expectProblem(400, "RUNBOOK_REFUSED");
    }

    @Test
    void aRepeatWithTheSameKeyIsTheSameRunAndWithAnotherBodyIsRefused() {
        String key = UUID.randomUUID().toString();
        ApiWorld.Answer first = world.post("/v1/runs", world.operator, BACKUP, "Idempotency-Key", key)
                .expect(201);
        String run = first.body().path("id").asText();
        assertThat(first.response().headers().firstValue("Location")).contains("/v1/runs/" + run);

        ApiWorld.Answer again = world.post("/v1/runs", world.operator, BACKUP, "Idempotency-Key", key)
                .expect(200);
        assertThat(again.body().path("id").asText()).isEqualTo(run);
        world.post("/v1/runs", world.operator, RECOVERY, "Idempotency-Key", key)
                .expectProblem(422, "IDEMPOTENCY_KEY_REUSED");
    }

    @Test
    void anApprovedRecoveryExecutesAndNobodyButTheRightPersonApprovesIt() {
        String both = world.token("olga", dev.muster.catalog.Role.APPROVER, dev.muster.catalog.Role.OPERATOR);
        String run = world.start("shipped:point-in-time-recovery");
        JsonNode waiting = world.untilWaiting(run);
        String plan = waiting.path("planHash").asText();
        Map<String, Object> approval = Map.of("planHash", plan, "lossCeilingSeconds", 60);
        String path = "/v1/runs/" + run + "/approvals";

        JsonNode shown =
                world.get("/v1/runs/" + run + "/plan", world.viewer).expect(200).body();
        assertThat(shown.path("planHash").asText()).isEqualTo(plan);
        assertThat(shown.path("text").asText()).contains("orders");

        world.post(path, world.operator, approval).expectProblem(403, "ROLE_MISSING");
        world.post(path, both, approval).expectProblem(403, "APPROVAL_BY_REQUESTER");
        world.post(path, world.approver, Map.of("planHash", "0".repeat(64), "lossCeilingSeconds", 60))
                .expectProblem(409, "APPROVAL_OTHER_PLAN");
        assertThat(world.host.done).doesNotContain("ReturnRows");
        world.post("/v1/runs", world.operator, RECOVERY, "Idempotency-Key", "other")
                .expectProblem(409, "CHANGE_UNDER_WAY");

        JsonNode accepted =
                world.post(path, world.approver, approval).expect(201).body();
        assertThat(accepted.path("approver").asText()).isEqualTo("anna");
        await().atMost(ApiWorld.SOON).until(() -> world.host.done.contains("ReturnRows"));
        world.post(path, world.approver, approval).expectProblem(409, "NOT_WAITING");

        JsonNode refusals =
                world.get("/v1/refusals", world.viewer).expect(200).body().path("refusals");
        assertThat(refusals.findValuesAsText("code"))
                .contains("ROLE_MISSING", "APPROVAL_BY_REQUESTER", "APPROVAL_OTHER_PLAN");
    }

    @Test
    void anApiWhoseClockIsOffApprovesNothingAndSaysThatItsClockIs() throws Exception {
        String run = world.start("shipped:point-in-time-recovery");
        String plan = world.untilWaiting(run).path("planHash").asText();
        Map<String, Object> approval = Map.of("planHash", plan, "lossCeilingSeconds", 60);
        String path = "/v1/runs/" + run + "/approvals";
        long restores = restores();
        Clock now = Clock.systemUTC();
        try (ApiServer ahead = world.startApi(Clock.offset(now, Duration.ofHours(1)));
                ApiServer behind = world.startApi(Clock.offset(now, Duration.ofHours(-1)))) {
            world.post(ahead, path, world.approver, approval).expectProblem(409, "APPROVAL_FROM_FUTURE");
            world.post(behind, path, world.approver, approval).expectProblem(409, "APPROVAL_EXPIRED");
            assertThat(world.untilWaiting(run).path("planHash").asText()).isEqualTo(plan);
        }
        assertThat(restores()).isEqualTo(restores);
        world.post(path, world.approver, approval).expect(201);
        await().atMost(ApiWorld.SOON).until(() -> restores() == restores + 1);
    }

    private long restores() {
        return world.host.done.stream().filter("RestoreBackup"::equals).count();
    }

    @Test
    void aPlanIsMadeWithoutTouchingAnything() {
        String key = UUID.randomUUID().toString();
        String run = world.post("/v1/runbooks/plan", world.operator, RECOVERY, "Idempotency-Key", key)
                .expect(201)
                .body()
                .path("id")
                .asText();
        JsonNode ended = world.until(run, found -> found.path("state").asText().equals("FINISHED"));
        assertThat(ended.path("dryRun").asBoolean()).isTrue();
        await().atMost(ApiWorld.SOON)
                .untilAsserted(() -> assertThat(world.get("/v1/runs/" + run, world.viewer)
                                .body()
                                .path("report")
                                .path("verdict")
                                .asText())
                        .isEqualTo("PLANNED"));
        assertThat(world.get("/v1/runs/" + run + "/plan", world.viewer)
                        .expect(200)
                        .body()
                        .path("plan")
                        .path("runId")
                        .asText())
                .isEqualTo(run);
        world.post("/v1/runbooks/plan", world.operator, RECOVERY, "Idempotency-Key", key)
                .expect(200);
        world.post(
                        "/v1/runbooks/plan",
                        world.operator,
                        Map.of("system", "orders", "runbook", "shipped:backup", "dryRun", false),
                        "Idempotency-Key",
                        "no")
                .expectProblem(400, "FIELD_INVALID");
    }

    @Test
    void storesAreLookedIntoAndThePointsToGoToAreTold() {
        world.post("/v1/systems/orders/index", world.operator, "").expect(202);
        await().atMost(ApiWorld.SOON).untilAsserted(() -> {
            JsonNode points = world.get("/v1/systems/orders/points", world.viewer)
                    .expect(200)
                    .body();
            assertThat(points.path("intervals")).hasSize(1);
            assertThat(points.path("intervals").get(0).path("fromLsn").asText()).isEqualTo("0/4000100");
            assertThat(points.path("intervals").get(0).path("toLsn").asText()).isEqualTo("0/6000000");
        });
        assertThat(world.get("/v1/systems/orders/backups", world.viewer)
                        .expect(200)
                        .body()
                        .path("backups"))
                .hasSize(1);
    }

    @Test
    @DisplayName("A backup is told with each repository that it is in, what keeps it and what was proved of it there")
    void backupsAreToldWithTheirCopies() {
        world.post("/v1/systems/orders/index", world.operator, "").expect(202);
        String path = "/v1/systems/orders/backups";
        JsonNode backups = await().atMost(ApiWorld.SOON)
                .until(
                        () -> world.get(path, world.viewer).expect(200).body(),
                        body -> !body.path("repositories").isEmpty());
        JsonNode copy = backups.path("backups").get(0).path("copies").get(0);
        assertThat(copy.path("repository").asText()).isEqualTo("primary");
        assertThat(copy.path("result").asText()).isEqualTo("UNVERIFIED");
        assertThat(copy.path("complete").asBoolean()).isTrue();
        assertThat(copy.has("level")).isFalse();
        assertThat(copy.path("keptBy").get(0).path("why").asText()).isEqualTo("the audit");

        String id = backups.path("backups").get(0).path("id").asText();
        Instant at = Instant.parse("2026-11-21T10:00:00Z");
        world.catalog
                .proofs()
                .keep(
                        "orders",
                        "main",
                        List.of(
                                BackupProof.sound("primary", id, ProofLevel.RESTORE, at, at, null),
                                BackupProof.unsound(
                                        "primary",
                                        id,
                                        ProofLevel.RESTORE,
                                        at.plusSeconds(60),
                                        1,
                                        "OBJECT_DAMAGED",
                                        "src/x/p-1.pack",
                                        null)));
        JsonNode proved = world.get(path + "/" + id, world.viewer)
                .expect(200)
                .body()
                .path("copies")
                .get(0);
        assertThat(proved.path("result").asText()).isEqualTo("PROBLEM");
        assertThat(proved.path("problem").path("code").asText()).isEqualTo("OBJECT_DAMAGED");
        assertThat(proved.path("restoredAt").asText()).isEqualTo(at.toString());
        assertThat(proved.path("looks")).hasSize(1);
        world.get(path + "/01KAJ0000000000000000000ZZ", world.viewer).expectProblem(404, "BACKUP_NOT_FOUND");
        world.get("/v1/systems/nothing/backups/" + id, world.viewer).expectProblem(404, "SYSTEM_NOT_FOUND");
    }
}
