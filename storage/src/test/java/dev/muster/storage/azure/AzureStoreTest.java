package dev.muster.storage.azure;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.sas.BlobContainerSasPermission;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import dev.muster.storage.NetworkStoreContract;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.RefusingServer;
import dev.muster.storage.testing.Thorough;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Thorough: the same contract on Google's store and on S3 runs by default. */
@Thorough
class AzureStoreTest extends NetworkStoreContract {
    private static final AtomicInteger CONTAINERS = new AtomicInteger();

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static Azurite azurite;

    @SuppressWarnings("NullAway.Init") // set before each test
    private BlobContainerClient container;

    private String path = "";

    @TempDir
    @SuppressWarnings("NullAway.Init") // set before each test
    private Path folder;

    @BeforeAll
    static void start() {
        azurite = Azurite.running();
    }

    @Override
    protected ObjectStore emptyStore() {
        String name = "store-" + CONTAINERS.incrementAndGet();
        container = azurite.container(name);
        container.create();
        // Names of others beside, which are not the store's.
        container.getBlobClient("backups-other").upload(com.azure.core.util.BinaryData.fromString("x"));
        container.getBlobClient("backups/.hidden").upload(com.azure.core.util.BinaryData.fromString("x"));
        path = name + "/backups";
        return Stores.open(azurite.url(azurite.port(), path, "&account-key=file:" + azurite.keyFile()));
    }

    @Override
    protected int serverPort() {
        return azurite.port();
    }

    @Override
    protected ObjectStore atPort(int port) {
        return Stores.open(azurite.url(port, path, "&part-size=1MiB&account-key=file:" + azurite.keyFile()));
    }

    @Override
    protected String frugalUrl() {
        return store.url() + "&part-size=8MiB";
    }

    @Override
    protected String smallCommit() {
        return "PUT /";
    }

    @Override
    protected String largeCommit() {
        return "comp=blocklist";
    }

    @Test
    @DisplayName(
            "A wrong account key is refused when the store is opened, and says that it may not, not that it is empty")
    void wrongKey() throws IOException {
        Path wrong =
                Files.writeString(folder.resolve("key"), Base64.getEncoder().encodeToString(new byte[64]));
        assertCode("STORE_DENIED", () -> Stores.open(azurite.url(azurite.port(), path, "&account-key=file:" + wrong)));
        Path nonsense = Files.writeString(folder.resolve("nonsense"), "no base64!");
        assertCode(
                "STORE_DENIED", () -> Stores.open(azurite.url(azurite.port(), path, "&account-key=file:" + nonsense)));
    }

    @Test
    @DisplayName("A missing container is refused when the store is opened; one that vanished is not an empty store")
    void missingContainer() {
        assertCode(
                "STORE_MISSING",
                () -> Stores.open(
                        azurite.url(azurite.port(), "no-such-container", "&account-key=file:" + azurite.keyFile())));
        container.delete();
        assertCode("STORE_MISSING", () -> store.find(KEY));
        assertCode("STORE_MISSING", () -> store.open(KEY).close());
        assertCode("STORE_MISSING", () -> keys(""));
        assertCode("STORE_MISSING", () -> store.delete(KEY));
        assertCode("STORE_MISSING", () -> put(KEY, "x"));
    }

    @Test
    @DisplayName("A shared access signature opens the store, and does not do what it was not given for")
    void sharedAccessSignature() throws IOException {
        put(KEY, "x");
        String sas = container.generateSas(new BlobServiceSasSignatureValues(
                OffsetDateTime.now(ZoneOffset.UTC).plusDays(1),
                new BlobContainerSasPermission().setReadPermission(true).setListPermission(true)));
        Path file = Files.writeString(folder.resolve("sas"), "?" + sas);
        ObjectStore reader = Stores.open(azurite.url(azurite.port(), path, "&sas=file:" + file));
        assertThat(read(reader.open(KEY))).hasSize(1);
        assertCode("STORE_DENIED", () -> reader.create("b", new ByteArrayInputStream(new byte[1])));
        assertCode("STORE_DENIED", () -> reader.delete(KEY));
        assertThat(reader.url()).doesNotContain("sig=");
    }

    @Test
    @DisplayName("An Azure URL without container, with both secrets or none, or with a secret in it, is refused")
    void urls() {
        for (String url : new String[] {
            "azure://musterstore?account-key=env:X",
            "azure://Muster_store/c?account-key=env:X",
            "azure://musterstore/container",
            "azure://musterstore/container/a//b?account-key=file:" + azurite.keyFile(),
            "azure://musterstore/container?account-key=c2VjcmV0",
            "azure://musterstore/container?bucket=x",
            "azure://musterstore/container?part-size=1KB&account-key=file:" + azurite.keyFile(),
            "azure://musterstore/container?endpoint=https://h/?sig%3Dx&account-key=file:" + azurite.keyFile()
        }) {
            assertCode("STORE_URL_INVALID", () -> Stores.open(url));
        }
    }

    @Test
    @DisplayName("A name that Azure would change is refused")
    void dots() {
        assertCode("INVALID_KEY", () -> put("a./b", "x"));
        assertCode("INVALID_KEY", () -> put("a.", "x"));
        put("a.b", "x");
    }

    @ParameterizedTest
    @CsvSource({"503, STORE_THROTTLED", "403, STORE_DENIED"})
    @DisplayName("Repository and stores 3: a refusal has its code, and is asked again a known number of times")
    void refused(int status, String code) throws IOException {
        try (RefusingServer server = new RefusingServer(status)) {
            assertCode(
                    code,
                    () -> Stores.open(azurite.url(server.port(), path, "&account-key=file:" + azurite.keyFile())));
            assertThat(server.requests()).isEqualTo(status == 403 ? 1 : TRIES);
        }
    }
}
