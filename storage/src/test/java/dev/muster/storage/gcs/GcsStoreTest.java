package dev.muster.storage.gcs;

import dev.muster.storage.NetworkStoreContract;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GcsStoreTest extends NetworkStoreContract {
    private static final AtomicInteger BUCKETS = new AtomicInteger();

    @SuppressWarnings("NullAway.Init") // set before all tests
    private static FakeGcs server;

    private String bucket = "";

    @TempDir
    @SuppressWarnings("NullAway.Init") // set before each test
    private Path folder;

    @BeforeAll
    static void start() {
        server = FakeGcs.running();
    }

    @Override
    protected ObjectStore emptyStore() throws IOException {
        bucket = "store-" + BUCKETS.incrementAndGet();
        server.create(bucket);
        // Names of others beside, which are not the store's.
        server.upload(bucket, "backups-other", "x");
        server.upload(bucket, "backups/.hidden", "x");
        return Stores.open(FakeGcs.url(server.port(), bucket + "/backups", "&credentials=none"));
    }

    @Override
    protected int serverPort() {
        return server.port();
    }

    @Override
    protected ObjectStore atPort(int port) {
        return Stores.open(FakeGcs.url(port, bucket + "/backups", "&credentials=none&part-size=1MiB"));
    }

    @Override
    protected String smallCommit() {
        return "uploadType=multipart";
    }

    /** The last chunk says how many bytes there are in all. */
    @Override
    protected String largeCommit() {
        return "/3145729\r\n";
    }

    @Test
    @DisplayName("Credentials that are none, or that Google refuses, are refused when the store is opened")
    void wrongCredentials() throws Exception {
        Path nonsense = Files.writeString(folder.resolve("nonsense"), "{\"type\":\"secret of mine\"}");
        assertCode(
                "STORE_DENIED", () -> Stores.open(FakeGcs.url(server.port(), bucket, "&credentials=file:" + nonsense)));
    }

    @Test
    @DisplayName("A missing bucket is refused when the store is opened; one that vanished is not an empty store")
    void missingBucket() throws IOException {
        assertCode(
                "STORE_MISSING", () -> Stores.open(FakeGcs.url(server.port(), "no-such-bucket", "&credentials=none")));
        String gone = "gone-" + bucket;
        server.create(gone);
        ObjectStore vanished = Stores.open(FakeGcs.url(server.port(), gone, "&credentials=none&part-size=1MiB"));
        server.delete(gone);
        assertCode("STORE_MISSING", () -> vanished.find(KEY));
        assertCode("STORE_MISSING", () -> vanished.open(KEY).close());
        assertCode("STORE_MISSING", () -> vanished.list("", info -> {}));
        assertCode("STORE_MISSING", () -> vanished.delete(KEY));
        assertCode("STORE_MISSING", () -> vanished.create(KEY, new java.io.ByteArrayInputStream(random(10))));
        assertCode("STORE_MISSING", () -> vanished.create(KEY, new java.io.ByteArrayInputStream(random(3 * PART))));
    }

    @Test
    @DisplayName("A Google URL without bucket, with a secret in it, or with settings that nobody reads, is refused")
    void urls() {
        for (String url : new String[] {
            "gs:///x?credentials=none",
            "gs://Bucket?credentials=none",
            "gs://bucket/a//b?credentials=none",
            "gs://bucket?credentials=geheim",
            "gs://bucket?credentials=none&parallel=2",
            "gs://bucket?credentials=none&endpoint=ftp://x"
        }) {
            assertCode("STORE_URL_INVALID", () -> Stores.open(url));
        }
    }
}
