package dev.muster.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ApiClientTest {
    private static void expect(String code, int exitCode, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(CliException.class, error -> {
            assertThat(error.code()).as(error.line()).isEqualTo(code);
            assertThat(error.exitCode()).isEqualTo(exitCode);
            assertThat(error.hint()).isNotBlank();
        });
    }

    @Test
    void aReadIsRepeatedWhileTheApiIsAway() throws Exception {
        AtomicInteger answers = new AtomicInteger();
        try (SomeServer server = new SomeServer(exchange -> {
            if (answers.incrementAndGet() < 3) {
                SomeServer.problem(exchange, 503, "CATALOG_UNREACHABLE");
            } else {
                SomeServer.json(exchange, "{\"systems\":[]}");
            }
        })) {
            assertThat(server.client().get("/v1/systems", Map.of("a", "b c&d")).body())
                    .isEqualTo("{\"systems\":[]}");
            assertThat(server.asked).hasSize(3).allSatisfy(asked -> {
                assertThat(asked.path()).isEqualTo("/v1/systems?a=b%20c%26d");
                assertThat(asked.headers().getFirst("Authorization")).isEqualTo("Bearer mst_test");
            });
        }
    }

    @Test
    void theStartOfARunIsRepeatedWithItsKey() throws Exception {
        AtomicInteger answers = new AtomicInteger();
        try (SomeServer server = new SomeServer(exchange -> {
            if (answers.incrementAndGet() > 1) {
                SomeServer.json(exchange, "{\"id\":\"a\"}");
            }
            // Else the connection ends without an answer.
        })) {
            server.client().startRun(ApiClient.object(), "key-1");
            assertThat(server.asked)
                    .hasSizeGreaterThanOrEqualTo(2)
                    .allSatisfy(asked -> assertThat(asked.headers().getFirst("Idempotency-Key"))
                            .isEqualTo("key-1"));
        }
    }

    @Test
    void aChangeIsAskedForOnceAndWithoutAnAnswerItsOutcomeIsUnknown() throws Exception {
        try (SomeServer server =
                new SomeServer(exchange -> SomeServer.problem(exchange, 503, "TEMPORAL_UNREACHABLE"))) {
            expect(
                    "TEMPORAL_UNREACHABLE",
                    ExitCode.UNREACHABLE,
                    () -> server.client().post("/v1/runs/a/approvals", ApiClient.object()));
            assertThat(server.asked).hasSize(1);
        }
        try (SomeServer server = new SomeServer(exchange -> {})) {
            expect(
                    "OUTCOME_UNKNOWN",
                    ExitCode.UNREACHABLE,
                    () -> server.client().post("/v1/runs/a/approvals", ApiClient.object()));
        }
    }

    @Test
    void anApiThatIsDownIsNamed() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        ApiClient client = ApiClient.to(URI.create("http://127.0.0.1:" + port), "mst_test", null);
        expect("API_UNREACHABLE", ExitCode.UNREACHABLE, () -> client.get("/v1/me"));
        expect("API_UNREACHABLE", ExitCode.UNREACHABLE, () -> client.put("/v1/systems/a", ApiClient.object()));
    }

    @Test
    void refusalsKeepTheirCodeAndHaveTheirExitCode() throws Exception {
        Map<String, Integer> exitCodes = Map.of(
                "401 TOKEN_INVALID", ExitCode.NOT_ALLOWED,
                "403 ROLE_MISSING", ExitCode.NOT_ALLOWED,
                "403 APPROVAL_BY_REQUESTER", ExitCode.NOT_APPROVED,
                "409 NOT_WAITING", ExitCode.NOT_APPROVED,
                "409 CHANGE_UNDER_WAY", ExitCode.BUSY,
                "404 RUN_NOT_FOUND", ExitCode.BAD_INPUT,
                "422 IDEMPOTENCY_KEY_REUSED", ExitCode.BAD_INPUT,
                "500 APPROVAL_UNANSWERED", ExitCode.UNREACHABLE,
                "500 UNEXPECTED", ExitCode.UNREACHABLE);
        for (Map.Entry<String, Integer> each : exitCodes.entrySet()) {
            int status = Integer.parseInt(each.getKey().substring(0, 3));
            String code = each.getKey().substring(4);
            try (SomeServer server = new SomeServer(exchange -> SomeServer.problem(exchange, status, code))) {
                expect(code, each.getValue(), () -> server.client().get("/v1/me"));
                assertThat(server.asked).hasSize(1);
            }
        }
    }

    @Test
    void whateverElseAnswersIsNotTakenForTheApiAndGetsNoSecondRequest() throws Exception {
        try (SomeServer server =
                new SomeServer(exchange -> SomeServer.answer(exchange, 200, "text/html", "<html>Log in</html>"))) {
            expect(
                    "API_ANSWER_UNKNOWN",
                    ExitCode.UNREACHABLE,
                    () -> server.client().get("/v1/me"));
        }
        try (SomeServer server = new SomeServer(exchange -> {
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            SomeServer.answer(exchange, 302, "application/json", "{}");
        })) {
            expect(
                    "API_ANSWER_UNKNOWN",
                    ExitCode.UNREACHABLE,
                    () -> server.client().get("/v1/me"));
            assertThat(server.asked).hasSize(1);
        }
        try (SomeServer server = new SomeServer(exchange -> SomeServer.json(exchange, "{\"a\":"))) {
            expect(
                    "API_ANSWER_UNKNOWN",
                    ExitCode.UNREACHABLE,
                    () -> server.client().get("/v1/me"));
        }
    }

    @Test
    void onlyACertificateOfTheNamedAuthorityIsBelieved(@TempDir Path folder) throws Exception {
        Path ours = certificate(folder, "ours");
        certificate(folder, "others");
        try (SomeServer server = new SomeServer(
                https(folder.resolve("ours.p12")), exchange -> SomeServer.json(exchange, "{\"subject\":\"vera\"}"))) {
            URI uri = URI.create("https://127.0.0.1:" + server.port());
            assertThat(ApiClient.to(uri, "mst_test", ours)
                            .get("/v1/me")
                            .json()
                            .path("subject")
                            .asText())
                    .isEqualTo("vera");
            expect(
                    "API_TLS_FAILED",
                    ExitCode.UNREACHABLE,
                    () -> ApiClient.to(uri, "mst_test", null).get("/v1/me"));
            expect(
                    "API_TLS_FAILED",
                    ExitCode.UNREACHABLE,
                    () -> ApiClient.to(uri, "mst_test", folder.resolve("others.pem"))
                            .get("/v1/me"));
        }
        expect(
                "CA_UNREADABLE",
                ExitCode.BAD_INPUT,
                () -> ApiClient.to(URI.create("https://127.0.0.1"), "mst_test", folder.resolve("none.pem")));
        Path empty = Files.createFile(folder.resolve("empty.pem"));
        expect(
                "CA_UNREADABLE",
                ExitCode.BAD_INPUT,
                () -> ApiClient.to(URI.create("https://127.0.0.1"), "mst_test", empty));
    }

    private static Path certificate(Path folder, String name) throws Exception {
        Path store = folder.resolve(name + ".p12");
        Path pem = folder.resolve(name + ".pem");
        keytool(
                "-genkeypair",
                "-alias",
                "a",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-keystore",
                store.toString());
        keytool(
                "-exportcert",
                "-rfc",
                "-alias",
                "a",
                "-storepass",
                "changeit",
                "-keystore",
                store.toString(),
                "-file",
                pem.toString());
        return pem;
    }

    private static void keytool(String... arguments) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        builder.command().addAll(java.util.List.of(arguments));
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor()).isZero();
    }

    private static HttpsServer https(Path store) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        return server;
    }
}
