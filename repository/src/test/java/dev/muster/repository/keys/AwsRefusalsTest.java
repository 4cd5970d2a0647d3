package dev.muster.repository.keys;

import static dev.muster.repository.keys.RepositoryKeysTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

/** What AWS KMS refuses with, as its reference lists it: moto knows neither disabled keys nor who may use them. */
class AwsRefusalsTest {
    private static final String ARN = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000";
    private static final AwsCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
    private static final AwsKms.Patience SHORT = new AwsKms.Patience(Duration.ofMillis(300), Duration.ofMillis(1500));

    @ParameterizedTest(name = "{1}")
    @DisplayName("Each refusal of AWS KMS says whether to wait, to ask for rights or to look after the key")
    @CsvSource({
        "400,NotFoundException,KMS_KEY_UNUSABLE",
        "400,DisabledException,KMS_KEY_UNUSABLE",
        "400,KMSInvalidStateException,KMS_KEY_UNUSABLE",
        "400,InvalidKeyUsageException,KMS_KEY_UNUSABLE",
        "400,AccessDeniedException,KMS_DENIED",
        "400,UnrecognizedClientException,KMS_DENIED",
        "400,ExpiredTokenException,KMS_DENIED",
        "403,InvalidSignatureException,KMS_DENIED",
        "400,ThrottlingException,KMS_UNREACHABLE",
        "503,DependencyTimeoutException,KMS_UNREACHABLE",
        "500,KMSInternalException,KMS_UNREACHABLE",
        "500,KeyUnavailableException,KMS_UNREACHABLE",
        "502,,KMS_UNREACHABLE",
    })
    void refusals(int status, String type, String code) throws IOException {
        String body = type == null ? "<html>Bad gateway</html>" : "{\"__type\":\"" + type + "\",\"message\":\"no\"}";
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/x-amz-json-1.1");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        try {
            KeyManagement kms = kms(server.getAddress().getPort(), CREDENTIALS);
            assertRefused(code, ARN, () -> kms.decrypt(new byte[100], Map.of("a", "b")));
        } finally {
            server.stop(0);
        }
    }

    @Test
    @DisplayName("Repository and stores 4: KMS that does not answer, or is not there, is told as unreachable in time")
    void unreachable() throws IOException {
        KeyManagement kms;
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            kms = kms(silent.getLocalPort(), CREDENTIALS);
            long start = System.nanoTime();
            assertRefused("KMS_UNREACHABLE", ARN, () -> kms.decrypt(new byte[100], Map.of()));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        }
        assertRefused("KMS_UNREACHABLE", ARN, () -> kms.decrypt(new byte[100], Map.of()));
    }

    @Test
    @DisplayName("A process without credentials is told so, and does not wait for KMS")
    void noCredentials() {
        AwsCredentialsProvider none = () -> {
            throw SdkClientException.create("Unable to load credentials");
        };
        assertRefused("KMS_DENIED", "no credentials", () -> kms(1, none).decrypt(new byte[100], Map.of()));
    }

    @Test
    @DisplayName("A multi-Region key is the same key in another Region, others are not, and aliases are no keys")
    void regions() {
        AwsKeyName one = name("arn:aws:kms:eu-west-1:111122223333:key/mrk-0123");
        assertThat(one.isSameKey(name("arn:aws:kms:us-east-1:111122223333:key/mrk-0123")))
                .isTrue();
        assertThat(one.isSameKey(name("arn:aws:kms:us-east-1:999922223333:key/mrk-0123")))
                .isFalse();
        AwsKeyName single = name("arn:aws:kms:eu-west-1:111122223333:key/0123");
        assertThat(single.isSameKey(name("arn:aws:kms:us-east-1:111122223333:key/0123")))
                .isFalse();
        assertThat(AwsKeyName.parse("arn:aws:kms:eu-west-1:111122223333:alias/muster"))
                .isEmpty();
    }

    private static AwsKeyName name(String arn) {
        return AwsKeyName.parse(arn).orElseThrow();
    }

    private static KeyManagement kms(int port, AwsCredentialsProvider credentials) {
        return AwsKms.of(ARN + "?endpoint=http://127.0.0.1:" + port, credentials, SHORT);
    }
}
