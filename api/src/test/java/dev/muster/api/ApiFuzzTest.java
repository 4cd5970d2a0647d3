package dev.muster.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.muster.catalog.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Requests made up by schemathesis from the API's own description. Run by .ci/fuzz, which brings the program. */
@EnabledIfSystemProperty(named = "muster.fuzz.program", matches = ".+")
class ApiFuzzTest {
    private static final long LIMIT_MINUTES = 20;

    private final ApiWorld world;

    ApiFuzzTest(@TempDir Path folder) throws IOException {
        world = new ApiWorld(folder);
        world.putOrders();
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void noRequestMeetsAFaultOrAnAnswerThatTheDescriptionDoesNotHave() throws Exception {
        // So that there is something to find: a run that waits, and one that is over.
        world.untilWaiting(world.start("shipped:point-in-time-recovery"));
        world.start("shipped:backup");
        String token = world.token("fuzz", Role.OPERATOR, Role.APPROVER);
        Path report = Path.of("target", "fuzz.log");
        Process fuzzer = new ProcessBuilder(List.of(
                        System.getProperty("muster.fuzz.program"),
                        "run",
                        world.api.uri() + "/v1/openapi.yaml",
                        "--url",
                        world.api.uri().toString(),
                        "--header",
                        "Authorization: Bearer " + token,
                        // Not the stream, which lasts as long as the run that it follows.
                        "--exclude-path-regex",
                        "/events$",
                        "--checks",
                        "not_a_server_error,status_code_conformance,content_type_conformance,"
                                + "response_headers_conformance,response_schema_conformance,ignored_auth,"
                                + "unsupported_method",
                        "--phases",
                        "examples,coverage,fuzzing,stateful",
                        "--max-examples",
                        System.getProperty("muster.fuzz.examples", "40"),
                        "--seed",
                        System.getProperty("muster.fuzz.seed", "20261121"),
                        "--generation-database",
                        "none",
                        "--request-timeout",
                        "30",
                        "--suppress-health-check",
                        "all",
                        "--continue-on-failure",
                        "--no-color"))
                .redirectErrorStream(true)
                .redirectOutput(report.toFile())
                .start();
        try {
            assertThat(fuzzer.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES))
                    .as("ended in time")
                    .isTrue();
        } finally {
            fuzzer.destroyForcibly();
        }
        assertThat(fuzzer.exitValue())
                .as(new ObjectMapper().writeValueAsString(tail(report)))
                .isZero();
        assertThat(world.api.uri()).isNotNull();
        world.get("/v1/me", world.viewer).expect(200);
    }

    private static List<String> tail(Path report) throws IOException {
        List<String> lines = Files.readAllLines(report);
        return lines.subList(Math.max(0, lines.size() - 60), lines.size());
    }
}
