package dev.muster.embedded.temporal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.embedded.process.LoopbackPorts;
import dev.muster.workflows.connection.SearchAttributeRegistration;
import dev.muster.workflows.connection.TemporalConnection;
import dev.muster.workflows.connection.TemporalUnreachableException;
import dev.muster.workflows.run.RunAttributes;
import io.temporal.client.WorkflowOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Settings as all Temporal tools have them, over real TLS; each mistake gets its own code, at once. */
@Timeout(60)
class TemporalConnectionTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /** What cannot be mended by waiting is told before the limit. */
    private static final Duration AT_ONCE = Duration.ofSeconds(10);

    private static final String KEY = "a-key-of-this-test";

    @TempDir
    private static Path folder;

    private static TestAuthority ours;
    private static TestAuthority strangers;
    private static TestAuthority.Pair server;
    private static TestAuthority.Pair worker;
    private static TestAuthority.Pair strangersWorker;

    @BeforeAll
    static void certificates() throws Exception {
        ours = TestAuthority.create(folder, "ours");
        strangers = TestAuthority.create(folder, "strangers");
        server = ours.issue("server", "dns:temporal.test");
        worker = ours.issue("worker", "dns:worker.test");
        strangersWorker = strangers.issue("strangers-worker", "dns:worker.test");
    }

    @Test
    void aServerWhoseAuthorityAndNameAreGivenIsConnectedTo() throws Exception {
        try (GuardedTemporal temporal = GuardedTemporal.start(server, null, null)) {
            expectWorks(tls(temporal));
        }
    }

    @Test
    void aServerOfAnotherAuthorityIsNotTrusted() throws Exception {
        try (GuardedTemporal temporal = GuardedTemporal.start(server, null, null)) {
            Map<String, String> settings = tls(temporal);
            settings.put(
                    "TEMPORAL_TLS_SERVER_CA_CERT_PATH", strangers.certificate().toString());
            TemporalUnreachableException refusal = refusal(settings);
            assertThat(refusal.code()).isEqualTo("TEMPORAL_CERTIFICATE_UNTRUSTED");
            assertThat(refusal.hint()).contains("TEMPORAL_TLS_SERVER_CA_CERT_PATH");
        }
    }

    @Test
    void aServerWhoseCertificateIsForAnotherNameIsNotTrusted() throws Exception {
        try (GuardedTemporal temporal = GuardedTemporal.start(server, null, null)) {
            Map<String, String> settings = tls(temporal);
            settings.remove("TEMPORAL_TLS_SERVER_NAME");
            TemporalUnreachableException refusal = refusal(settings);
            assertThat(refusal.code()).isEqualTo("TEMPORAL_CERTIFICATE_UNTRUSTED");
            assertThat(refusal.hint()).contains("TEMPORAL_TLS_SERVER_NAME");
        }
    }

    @Test
    void aClientCertificateThatTheServerTrustsIsShown() throws Exception {
        try (GuardedTemporal temporal = GuardedTemporal.start(server, ours.certificate(), null)) {
            expectWorks(with(tls(temporal), worker));
        }
    }

    @Test
    void aMissingClientCertificateIsToldAsWhatItIs() throws Exception {
        try (GuardedTemporal temporal = GuardedTemporal.start(server, ours.certificate(), null)) {
            TemporalUnreachableException refusal = refusal(tls(temporal));
            assertThat(refusal.code()).isEqualTo("TEMPORAL_CERTIFICATE_REFUSED");
            assertThat(refusal.hint()).contains("TEMPORAL_TLS_CLIENT_CERT_PATH");
        }
    }

    @Test
    void aClientCertificateOfAnotherAuthorityIsRefused() throws Exception {
        try (GuardedTemporal temporal = GuardedTemporal.start(server, ours.certificate(), null)) {
            assertThat(refusal(with(tls(temporal), strangersWorker)).code()).isEqualTo("TEMPORAL_CERTIFICATE_REFUSED");
        }
    }

    @Test
    void anApiKeyTravelsWithEachCallAndAWrongOneIsRefused() throws Exception {
        try (GuardedTemporal temporal = GuardedTemporal.start(server, null, KEY)) {
            Map<String, String> settings = tls(temporal);
            assertThat(refusal(settings).code()).isEqualTo("TEMPORAL_DENIED");
            settings.put("TEMPORAL_API_KEY", "another");
            TemporalUnreachableException refusal = refusal(settings);
            assertThat(refusal.code()).isEqualTo("TEMPORAL_DENIED");
            assertThat(refusal).hasMessageContaining("namespace recoveries").hasMessageNotContaining("another");
            settings.put("TEMPORAL_API_KEY", KEY);
            expectWorks(settings);
        }
    }

    @Test
    void anApiKeyIsNeverSentInPlaintext() {
        try (TemporalInJvm plaintext = TemporalInJvm.start()) {
            assertThat(refusal(Map.of("TEMPORAL_ADDRESS", plaintext.target(), "TEMPORAL_API_KEY", KEY))
                            .code())
                    .isEqualTo("TEMPORAL_TLS_MISMATCH");
        }
    }

    @Test
    void tlsOnOneSideOnlyIsToldAsWhatItIs() throws Exception {
        try (TemporalInJvm plaintext = TemporalInJvm.start()) {
            assertThat(refusal(Map.of("TEMPORAL_ADDRESS", plaintext.target(), "TEMPORAL_TLS", "true"))
                            .code())
                    .isEqualTo("TEMPORAL_TLS_MISMATCH");
        }
        // What Go's TLS, so a Temporal server, answers plaintext with: the alert unexpected_message.
        byte[] alert = {0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x0a};
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> answer(server, alert), "answers-plaintext");
            answering.setDaemon(true);
            answering.start();
            TemporalUnreachableException refusal =
                    refusal(Map.of("TEMPORAL_ADDRESS", "127.0.0.1:" + server.getLocalPort()));
            assertThat(refusal.code()).isEqualTo("TEMPORAL_TLS_MISMATCH");
            assertThat(refusal.hint()).contains("TEMPORAL_TLS=true");
        }
    }

    @Test
    void aServerThatJustClosesPlaintextConnectionsLeavesTheHintThatItMayWantTls() throws Exception {
        try (GuardedTemporal guarded = GuardedTemporal.start(server, null, null)) {
            TemporalUnreachableException refusal = catchThrowableOfType(
                    TemporalUnreachableException.class,
                    () -> TemporalConnection.fromEnvironment(
                                    Map.of("TEMPORAL_ADDRESS", guarded.address()), Duration.ofSeconds(1))
                            .close());
            assertThat(refusal.code()).isEqualTo("TEMPORAL_UNREACHABLE");
            assertThat(refusal.hint()).contains("TEMPORAL_TLS=true");
        }
    }

    private static void answer(ServerSocket server, byte[] bytes) {
        try {
            while (true) {
                try (Socket client = server.accept()) {
                    int ignored = client.getInputStream().read();
                    client.getOutputStream().write(bytes);
                    client.getOutputStream().flush();
                    // Until the client has read it and goes; closing with unread input would take it back.
                    client.getInputStream().readAllBytes();
                }
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    @Test
    void aProfileInAFileDoesTheSame() throws Exception {
        try (GuardedTemporal temporal = GuardedTemporal.start(server, ours.certificate(), KEY)) {
            Path file = Files.writeString(folder.resolve("temporal.toml"), """
                    [profile.recovery]
                    address = "%s"
                    namespace = "recoveries"
                    api_key = "%s"
                    [profile.recovery.tls]
                    server_name = "temporal.test"
                    server_ca_cert_path = "%s"
                    client_cert_path = "%s"
                    client_key_path = "%s"
                    """.formatted(
                            temporal.address(), KEY, ours.certificate(), worker.certificate(), worker.key()));
            expectWorks(Map.of("TEMPORAL_CONFIG_FILE", file.toString(), "TEMPORAL_PROFILE", "recovery"));
        }
    }

    @Test
    void aFileThatIsNotThereOrNotWhatItShouldBeIsNamed() throws Exception {
        TemporalUnreachableException missing = refusal(Map.of(
                "TEMPORAL_ADDRESS",
                "127.0.0.1:1",
                "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
                folder.resolve("nowhere.pem").toString()));
        assertThat(missing.code()).isEqualTo("TEMPORAL_SETTINGS_UNREADABLE");
        assertThat(missing).hasMessageContaining("nowhere.pem");
        Path notToml = Files.writeString(folder.resolve("not.toml"), "address: here");
        assertThat(refusal(Map.of("TEMPORAL_CONFIG_FILE", notToml.toString())).code())
                .isEqualTo("TEMPORAL_SETTINGS_UNREADABLE");
        Path notPem = Files.writeString(folder.resolve("not.pem"), "no certificate");
        assertThat(refusal(Map.of(
                                "TEMPORAL_ADDRESS",
                                "127.0.0.1:1",
                                "TEMPORAL_TLS_CLIENT_CERT_PATH",
                                notPem.toString(),
                                "TEMPORAL_TLS_CLIENT_KEY_PATH",
                                notPem.toString()))
                        .code())
                .isEqualTo("TEMPORAL_SETTINGS_UNREADABLE");
    }

    @Test
    void whereNothingListensTheLimitIsWaitedForAndTheAddressNamed() {
        String address = "127.0.0.1:" + LoopbackPorts.free();
        TemporalUnreachableException refusal = catchThrowableOfType(
                TemporalUnreachableException.class,
                () -> TemporalConnection.fromEnvironment(Map.of("TEMPORAL_ADDRESS", address), Duration.ofSeconds(1))
                        .close());
        assertThat(refusal.code()).isEqualTo("TEMPORAL_UNREACHABLE");
        assertThat(refusal).hasMessageContaining(address).hasMessageContaining("within 1 s");
    }

    private static Map<String, String> tls(GuardedTemporal temporal) {
        return new HashMap<>(Map.of(
                "TEMPORAL_ADDRESS",
                temporal.address(),
                "TEMPORAL_NAMESPACE",
                "recoveries",
                "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
                ours.certificate().toString(),
                "TEMPORAL_TLS_SERVER_NAME",
                "temporal.test"));
    }

    private static Map<String, String> with(Map<String, String> settings, TestAuthority.Pair identity) {
        settings.put("TEMPORAL_TLS_CLIENT_CERT_PATH", identity.certificate().toString());
        settings.put("TEMPORAL_TLS_CLIENT_KEY_PATH", identity.key().toString());
        return settings;
    }

    /** It connects, its namespace is used, and the operator's calls are let through as well. */
    private static void expectWorks(Map<String, String> settings) {
        try (TemporalConnection connection = TemporalConnection.fromEnvironment(settings, LIMIT)) {
            assertThat(connection.client().getOptions().getNamespace()).isEqualTo("recoveries");
            assertThat(SearchAttributeRegistration.register(connection, RunAttributes.ALL))
                    .isEmpty();
            connection
                    .client()
                    .newUntypedWorkflowStub(
                            "NobodyRunsThis",
                            WorkflowOptions.newBuilder()
                                    .setWorkflowId("here")
                                    .setTaskQueue("nobody")
                                    .build())
                    .start();
            assertThat(connection.client().fetchHistory("here").getEvents()).isNotEmpty();
        }
    }

    private static TemporalUnreachableException refusal(Map<String, String> settings) {
        long began = System.nanoTime();
        TemporalUnreachableException refusal = catchThrowableOfType(
                TemporalUnreachableException.class,
                () -> TemporalConnection.fromEnvironment(settings, LIMIT).close());
        assertThat(refusal).as("a refusal").isNotNull();
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .as(refusal.code() + ": " + refusal.getMessage())
                .isLessThan(AT_ONCE);
        return refusal;
    }
}
