package dev.muster.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.storage.NetworkStoreContract;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.RefusingServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the emulator does not do: uploads that are kept in part, wrong checksums, refusals. */
class GcsProtocolTest {
    private static final byte[] CONTENT = new byte[(3 << 20) + 77];

    static {
        new Random(1).nextBytes(CONTENT);
    }

    @Test
    @DisplayName("An upload of which the service kept only a part goes on from there, and its bytes arrive once")
    void keptInPart() throws IOException {
        try (ScriptedGcs server = new ScriptedGcs()) {
            store(server).create("a", new ByteArrayInputStream(CONTENT));
            assertThat(server.stored()).isEqualTo(CONTENT);
            CRC32C crc = new CRC32C();
            crc.update(CONTENT);
            assertThat(server.checksumSent()).isEqualTo("crc32c=" + GcsChecksum.text(crc));
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 3: an upload whose bytes are all there, and no object, is not taken for a commit")
    void neverEnded() throws IOException {
        try (ScriptedGcs server = new ScriptedGcs()) {
            server.keepAll();
            byte[] parts = Arrays.copyOf(CONTENT, (2 << 20) + 77);
            assertCode("UPLOAD_LOST", () -> store(server).create("a", new ByteArrayInputStream(parts)));
        }
    }

    @Test
    @DisplayName("Repository and stores 4: an object that arrived with another checksum is deleted, and is an error")
    void arrivedDamaged() throws IOException {
        try (ScriptedGcs server = new ScriptedGcs()) {
            server.lie();
            assertCode("OBJECT_DAMAGED", () -> store(server).create("a", new ByteArrayInputStream(CONTENT)));
            assertThat(server.requests())
                    .last()
                    .asString()
                    .startsWith("DELETE /storage/v1/b/bucket/o/a")
                    .contains("ifGenerationMatch=1");
        }
    }

    @Test
    @DisplayName(
            "Repository and stores 4: a whole read whose bytes have not the store's checksum is an error at its end")
    void readDamaged() throws IOException {
        try (ScriptedGcs server = new ScriptedGcs()) {
            store(server).create("a", new ByteArrayInputStream(CONTENT));
            try (InputStream stream = store(server).open("a")) {
                assertThat(stream.readAllBytes()).isEqualTo(CONTENT);
            }
            server.lie();
            try (InputStream stream = store(server).open("a")) {
                assertThatThrownBy(stream::readAllBytes)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("CRC32C")
                        .hasRootCauseInstanceOf(StoreException.class);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"429, STORE_THROTTLED", "500, STORE_UNREACHABLE", "403, STORE_DENIED"})
    @DisplayName("Repository and stores 3: a refusal has its code, and is asked again a known number of times")
    void refused(int status, String code) throws IOException {
        try (RefusingServer server = new RefusingServer(status)) {
            assertCode(code, () -> Stores.open(FakeGcs.url(server.port(), "bucket", "&credentials=none")));
            assertThat(server.requests()).isEqualTo(status == 403 ? 1 : NetworkStoreContract.TRIES);
        }
    }

    @Test
    @DisplayName("A service account whom Google gives no token is refused, and not asked again and again")
    void noToken(@TempDir Path folder) throws Exception {
        try (RefusingServer login = new RefusingServer(401);
                ScriptedGcs server = new ScriptedGcs()) {
            Path file = account(folder, login.port(), "googleapis.com");
            assertCode(
                    "STORE_DENIED",
                    () -> Stores.open(FakeGcs.url(server.port(), "bucket", "&credentials=file:" + file)));
            assertThat(login.requests()).isEqualTo(1);
            assertThat(server.requests()).isEmpty();
        }
    }

    @Test
    @DisplayName("A service account of another cloud that Google runs for somebody is refused")
    void otherUniverse(@TempDir Path folder) throws Exception {
        try (ScriptedGcs server = new ScriptedGcs()) {
            Path file = account(folder, server.port(), "apis.example");
            assertCode(
                    "STORE_DENIED",
                    () -> Stores.open(FakeGcs.url(server.port(), "bucket", "&credentials=file:" + file)));
            assertThat(server.requests()).isEmpty();
        }
    }

    private static Path account(Path folder, int login, String universe) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        String key = Base64.getEncoder()
                .encodeToString(generator.generateKeyPair().getPrivate().getEncoded());
        return Files.writeString(folder.resolve("account.json"), """
                {"type": "service_account", "project_id": "p", "private_key_id": "1", "client_id": "1",
                 "client_email": "muster@p.iam.gserviceaccount.com", "token_uri": "http://127.0.0.1:%d/token",
                 "universe_domain": "%s",
                 "private_key": "-----BEGIN PRIVATE KEY-----\\n%s\\n-----END PRIVATE KEY-----\\n"}
                """.formatted(login, universe, key));
    }

    private static ObjectStore store(ScriptedGcs server) {
        return Stores.open(FakeGcs.url(server.port(), "bucket", "&credentials=none&part-size=1MiB"));
    }

    private static void assertCode(String code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
