package dev.muster.repository.keys;

import static dev.muster.repository.keys.RepositoryKeysTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.repository.Repository;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;

/** AWS KMS by its own client against moto, a server that speaks its protocol and checks keys and contexts. */
class AwsKmsTest {
    private static final AwsCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));

    private static @Nullable MotoServer moto;
    private static @Nullable KmsClient admin;

    @TempDir
    private Path directory;

    private ObjectStore store;
    private KeyFile safe;

    @BeforeAll
    static void start(@TempDir Path logs) throws IOException {
        assumeTrue(MotoServer.installed(), MotoServer.INSTALL);
        moto = MotoServer.start(logs.resolve("moto.log"));
        admin = admin(moto);
    }

    private static KmsClient admin(MotoServer server) {
        return KmsClient.builder()
                .region(Region.EU_WEST_1)
                .endpointOverride(URI.create(server.url()))
                .credentialsProvider(CREDENTIALS)
                .httpClient(UrlConnectionHttpClient.create())
                .build();
    }

    @AfterAll
    static void stop() {
        if (moto != null) {
            admin().close();
            moto.close();
        }
    }

    @BeforeEach
    void create() throws IOException {
        store = Stores.open(
                Files.createDirectory(directory.resolve("store")).toUri().toString());
        safe = KeyFile.generate(directory.resolve("safe.key"));
    }

    @Test
    @DisplayName("A repository opens with a key of AWS KMS, and another key of it opens nothing")
    void opens() {
        WrappingKey kms = kms(newKey());
        Repository.create(store, List.of(kms), Clock.systemUTC()).close();
        Repository.open(store, kms).close();
        assertRefused("WRONG_KEY", "AWS KMS key", () -> Repository.open(store, kms(newKey())));
        assertThat(Repository.keys(store, List.of(kms), Clock.systemUTC()).add(safe))
                .hasSize(1);
        Repository.open(store, safe).close();
    }

    @Test
    @DisplayName("What KMS wrapped for one repository, key and slot it does not unwrap for another")
    void context() {
        KeyManagement service = service(newKey());
        Map<String, String> context = Map.of("muster-repository", "a", "muster-slot", "b");
        byte[] encrypted = service.encrypt(new byte[32], context);
        assertThat(service.decrypt(encrypted, context))
                .hasValueSatisfying(plain -> assertThat(plain).isEqualTo(new byte[32]));
        assertThat(service.decrypt(encrypted, Map.of("muster-repository", "x", "muster-slot", "b")))
                .isEmpty();
        encrypted[encrypted.length - 1] ^= 1;
        assertThat(service.decrypt(encrypted, context)).isEmpty();
    }

    @Test
    @DisplayName("Repository and stores 4: KMS that is killed is told as unreachable, and hides no other slot")
    void killed() throws IOException {
        try (MotoServer second = MotoServer.start(directory.resolve("second.log"))) {
            KmsClient client = admin(second);
            String arn = client.createKey().keyMetadata().arn();
            client.close();
            WrappingKey kms = new KmsKey(service(arn, second));
            Repository.create(store, List.of(kms, safe), Clock.systemUTC()).close();
            Repository.open(store, kms).close();
            second.close();
            assertRefused("KMS_UNREACHABLE", arn, () -> Repository.open(store, kms));
            Repository.open(store, List.of(kms, safe), Clock.systemUTC()).close();
        }
    }

    @Test
    @DisplayName("A key that KMS does not know is told as such")
    void unknown() {
        String arn = newKey();
        String unknown = arn.substring(0, arn.indexOf("key/")) + "key/00000000-0000-0000-0000-000000000000";
        assertRefused(
                "KMS_KEY_UNUSABLE", unknown, () -> Repository.create(store, List.of(kms(unknown)), Clock.systemUTC()));
    }

    private static String newKey() {
        return admin().createKey(request -> request.description("test"))
                .keyMetadata()
                .arn();
    }

    private static KmsClient admin() {
        return Objects.requireNonNull(admin);
    }

    private static WrappingKey kms(String arn) {
        return new KmsKey(service(arn));
    }

    private static KeyManagement service(String arn) {
        return service(arn, Objects.requireNonNull(moto));
    }

    private static KeyManagement service(String arn, MotoServer server) {
        return AwsKms.of(arn + "?endpoint=" + server.url(), CREDENTIALS, AwsKms.Patience.DEFAULT);
    }
}
