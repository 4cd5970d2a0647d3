package dev.muster.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.catalog.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the API answers to what it cannot do: a code and a hint each, and nothing is started. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadRequestTest {
    private static final String NO_RUN = "01KAJ7ZQ5V3M9X2W8R4T6Y0ABC";

    private final ApiWorld world;

    BadRequestTest(@TempDir Path folder) throws IOException {
        world = new ApiWorld(folder);
        world.putOrders();
    }

    @AfterAll
    void nothingWasStarted() {
        try {
            assertThat(world.get("/v1/runs", world.viewer).body().path("runs")).isEmpty();
            assertThat(world.host.done).isEmpty();
        } finally {
            world.close();
        }
    }

    private ApiWorld.Answer start(Object body, String... headers) {
        return world.post("/v1/runs", world.operator, body, headers);
    }

    private ApiWorld.Answer start(Object body) {
        return start(body, "Idempotency-Key", UUID.randomUUID().toString());
    }

    @Test
    void whoIsNotRecognisedGetsNothingAndTheRefusalIsKept() {
        ApiWorld.Answer none = world.get("/v1/systems", "");
        none.expectProblem(401, "TOKEN_MISSING");
        assertThat(none.response().headers().firstValue("WWW-Authenticate")).contains("Bearer");
        world.get("/v1/systems", "mst_0123456789abcdef_" + "A".repeat(43)).expectProblem(401, "TOKEN_INVALID");
        world.get("/v1/systems", "nonsense").expectProblem(401, "TOKEN_INVALID");
        String revoked = world.token("rita", Role.VIEWER);
        assertThat(world.get("/v1/me", revoked)
                        .expect(200)
                        .body()
                        .path("subject")
                        .asText())
                .isEqualTo("rita");
        world.catalog.tokens().revoke(revoked.split("_")[1]);
        world.get("/v1/systems", revoked).expectProblem(401, "TOKEN_INVALID");
        world.post("/v1/runs", world.viewer, Map.of()).expectProblem(403, "ROLE_MISSING");
        world.put("/v1/systems/orders", world.approver, Map.of("yaml", "x")).expectProblem(403, "ROLE_MISSING");

        assertThat(world.get("/v1/refusals", world.viewer)
                        .body()
                        .path("refusals")
                        .findValuesAsText("code"))
                .contains("TOKEN_MISSING", "TOKEN_INVALID", "ROLE_MISSING");
        assertThat(world.get("/v1/refusals", world.viewer)
                        .body()
                        .path("refusals")
                        .findValuesAsText("who"))
                .contains("vera", "anna");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{                                                          | BODY_MALFORMED",
                "not json                                                   | BODY_MALFORMED",
                "''                                                         | FIELD_MISSING",
                "null                                                       | FIELD_MISSING",
                "[]                                                         | BODY_MALFORMED",
                "7                                                          | BODY_MALFORMED",
                "{} {}                                                      | BODY_MALFORMED",
                "{\"system\":\"orders\",\"system\":\"orders\",\"runbook\":\"x\"} | BODY_MALFORMED",
                "{\"system\":\"orders\"}                                    | FIELD_MISSING",
                "{\"system\":\"  \",\"runbook\":\"shipped:backup\"}         | FIELD_MISSING",
                "{\"system\":7,\"runbook\":\"shipped:backup\"}              | FIELD_INVALID",
                "{\"system\":[\"orders\"],\"runbook\":\"shipped:backup\"}   | FIELD_INVALID",
                "{\"system\":\"orders\",\"runbook\":\"shipped:backup\",\"dryRun\":\"yes\"} | FIELD_INVALID",
                "{\"system\":\"orders\",\"runbook\":\"shipped:backup\",\"dryRun\":1} | FIELD_INVALID",
                "{\"system\":\"orders\",\"runbook\":\"shipped:backup\",\"sytem\":1} | FIELD_UNKNOWN",
                "{\"system\":\"or\\u0000ders\",\"runbook\":\"shipped:backup\"} | FIELD_INVALID",
                "{\"system\":\"orders\",\"runbook\":\"a\\ud800\"}           | FIELD_INVALID",
                "{\"system\":\"orders\",\"runbook\":\"shipped:nothing\"}    | UNKNOWN_SHIPPED_RUNBOOK",
                "{\"system\":\"orders\",\"runbook\":\"shipped:../../etc/passwd\"} | UNKNOWN_SHIPPED_RUNBOOK",
                "{\"system\":\"orders\",\"runbook\":\"/etc/passwd\"}        | RUNBOOK_REFUSED",
                "{\"system\":\"orders\",\"runbook\":\"a: [\"}               | RUNBOOK_REFUSED",
            })
    void aBodyThatIsWrongIsRefusedWithItsCode(String body, String code) {
        start(body).expectProblem(400, code);
    }

    @Test
    void aFieldThatIsWrongIsNamed() {
        assertThat(start("{\"system\":\"orders\",\"runbok\":\"x\"}")
                        .body()
                        .path("field")
                        .asText())
                .isEqualTo("runbok");
        assertThat(start("{\"system\":\"orders\",\"runbook\":{}}")
                        .body()
                        .path("field")
                        .asText())
                .isEqualTo("runbook");
    }

    @Test
    void everyProblemOfARunbookIsToldWithItsLine() {
        String runbook =
                "apiVersion: muster/v1\nkind: Runbook\nmetadata: {name: x}\nspec:\n  scenario: bakcup\n  foo: 1\n";
        ApiWorld.Answer refused = start(Map.of("system", "orders", "runbook", runbook));
        refused.expectProblem(400, "RUNBOOK_REFUSED");
        assertThat(refused.body().path("problems").findValues("line")).isNotEmpty();
        ApiWorld.Answer validated = world.post(
                        "/v1/runbooks/validate", world.viewer, Map.of("runbook", runbook, "system", "orders"))
                .expect(200);
        assertThat(validated.body().path("valid").asBoolean()).isFalse();
        assertThat(validated.body().path("problems"))
                .hasSameSizeAs(refused.body().path("problems"));
        world.post("/v1/runbooks/validate", world.viewer, Map.of("runbook", "shipped:backup", "system", "orders"))
                .expect(200)
                .body()
                .path("valid")
                .asBoolean();
    }

    @Test
    void theKeyOfAStartIsAskedForAndChecked() {
        Map<String, String> body = Map.of("system", "orders", "runbook", "shipped:nothing");
        start(body, new String[0]).expectProblem(400, "IDEMPOTENCY_KEY_MISSING");
        start(body, "Idempotency-Key", "x".repeat(129)).expectProblem(400, "IDEMPOTENCY_KEY_INVALID");
        start(body, "Idempotency-Key", "two words").expectProblem(400, "IDEMPOTENCY_KEY_INVALID");
    }

    @Test
    void whatDoesNotExistIsNotFound() {
        start(Map.of("system", "nothing", "runbook", "shipped:backup")).expectProblem(404, "SYSTEM_NOT_FOUND");
        for (String path : new String[] {"", "/plan", "/timeline", "/events", "/approvals"}) {
            world.get("/v1/runs/" + NO_RUN + path, world.viewer).expectProblem(404, "RUN_NOT_FOUND");
            world.get("/v1/runs/nonsense" + path, world.viewer).expectProblem(404, "RUN_NOT_FOUND");
        }
        world.post(
                        "/v1/runs/" + NO_RUN + "/approvals",
                        world.approver,
                        Map.of("planHash", "0".repeat(64), "lossCeilingSeconds", 1))
                .expectProblem(404, "RUN_NOT_FOUND");
        for (String path : new String[] {"", "/backups", "/points"}) {
            world.get("/v1/systems/nothing" + path, world.viewer).expectProblem(404, "SYSTEM_NOT_FOUND");
        }
        world.get("/v1/systems/%00", world.viewer).expect(400);
        world.get("/v1/nothing", world.viewer).expectProblem(404, "PATH_UNKNOWN");
        world.get("/", world.viewer).expectProblem(404, "PATH_UNKNOWN");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "limit=0",
                "limit=501",
                "limit=-1",
                "limit=many",
                "limit=",
                "limit=99999999999999999999",
                "from=yesterday",
                "from=2026-11-21",
                "to=2026-11-21T03:00:00",
                "from=-999999999-01-01T00:00:00Z",
                "state=DONE",
                "verdict=ok",
                "scenario=failover",
                "system=",
                "system=a%00b",
                "system=a&system=b",
            })
    void aParameterOutOfItsBoundsIsRefused(String query) {
        world.get("/v1/runs?" + query, world.viewer).expectProblem(400, "PARAMETER_INVALID");
    }

    @Test
    void aParameterThatDoesNotExistAndACursorThatIsNoneAreRefused() {
        world.get("/v1/runs?sytem=orders", world.viewer).expectProblem(400, "PARAMETER_UNKNOWN");
        world.get("/v1/systems?limit=1", world.viewer).expectProblem(400, "PARAMETER_UNKNOWN");
        world.get("/v1/runs?cursor=nonsense", world.viewer).expectProblem(400, "CURSOR_INVALID");
        world.get("/v1/refusals?cursor=nonsense", world.viewer).expectProblem(400, "CURSOR_INVALID");
        world.get("/v1/refusals?limit=501", world.viewer).expectProblem(400, "PARAMETER_INVALID");
    }

    @Test
    void aBodyThatIsTooLargeIsRefusedWhetherItsLengthIsToldOrNot() {
        String large = "{\"yaml\":\"" + "x".repeat(600 * 1024) + "\"}";
        world.put("/v1/systems/orders", world.operator, large).expectProblem(413, "BODY_TOO_LARGE");
        byte[] bytes = large.getBytes(StandardCharsets.UTF_8);
        world.send(world.request("/v1/systems/orders", world.operator)
                        .header("Content-Type", "application/json")
                        .PUT(HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(bytes))))
                .expectProblem(413, "BODY_TOO_LARGE");
        world.put("/v1/systems/orders", world.operator, Map.of("yaml", "x".repeat(300 * 1024)))
                .expectProblem(400, "FIELD_INVALID");
        String deep = Stream.generate(() -> "[").limit(5000).collect(Collectors.joining());
        world.put("/v1/systems/orders", world.operator, deep).expectProblem(400, "BODY_MALFORMED");
    }

    @Test
    void aSystemWhoseTextIsAnotherOneIsRefused() {
        world.put("/v1/systems/billing", world.operator, Map.of("yaml", ApiWorld.orders()))
                .expectProblem(400, "SYSTEM_NAME_DIFFERS");
        world.put("/v1/systems/orders", world.operator, Map.of("yaml", "kind: System"))
                .expectProblem(400, "RUNBOOK_REFUSED");
    }

    @Test
    void methodFormAndAcceptedFormAreChecked() {
        ApiWorld.Answer method =
                world.send(world.request("/v1/systems", world.viewer).DELETE());
        method.expectProblem(405, "METHOD_NOT_ALLOWED");
        assertThat(method.response().headers().firstValue("Allow").orElse("")).contains("GET");
        world.send(world.request("/v1/systems", world.viewer).method("TRACE", HttpRequest.BodyPublishers.noBody()))
                .expectProblem(405, "METHOD_NOT_ALLOWED");
        world.send(world.request("/v1/systems", world.viewer)
                        .header("Accept", "image/png")
                        .GET())
                .expectProblem(406, "NOT_ACCEPTABLE");
        world.send(world.request("/v1/systems/orders", world.operator)
                        .header("Content-Type", "text/yaml")
                        .PUT(HttpRequest.BodyPublishers.ofString("x")))
                .expectProblem(415, "MEDIA_TYPE_UNSUPPORTED");
    }

    @Test
    void theDescriptionIsServedToAnybody() {
        ApiWorld.Answer described = world.get("/v1/openapi.yaml", "").expect(200);
        assertThat(described.response().body()).contains("operationId: startRun");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NONSENSE                                     | 400 | REQUEST_MALFORMED",
                "GET /v1/systems/a%2Fb HTTP/1.1              | 400 | REQUEST_MALFORMED",
                "GET /v1/../../etc HTTP/1.1                  | 400 | REQUEST_MALFORMED",
                "GET /v1/%zz HTTP/1.1                        | 400 | REQUEST_MALFORMED",
                "GET /long HTTP/1.1                          | 431 | HEADERS_TOO_LARGE",
            })
    void whatIsNoProperHttpIsAProblemToo(String line, int status, String code) throws IOException {
        String request = line.strip()
                + "\r\nHost: x\r\n"
                + (line.contains("long") ? "X-Long: " + "y".repeat(20_000) + "\r\n" : "")
                + "Connection: close\r\n\r\n";
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), world.api.uri().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer)
                    .startsWith("HTTP/1.1 " + status)
                    .contains("application/problem+json")
                    .contains("\"code\":\"" + code + "\"");
        }
    }
}
