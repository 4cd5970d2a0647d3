package dev.muster.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.storage.ObjectLock;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectStoreContract;
import dev.muster.storage.ObjectVersion;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.Retention;
import dev.muster.storage.StoreUrl;
import dev.muster.storage.Stores;
import dev.muster.storage.retry.Retries;
import dev.muster.storage.testing.S3Server;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** On versitygw, which keeps versions and locks them. */
class ObjectLockTest {
    private static final String LOCK = "&lock=governance&lock-days=2";

    private static Optional<S3Server> server = Optional.empty();
    private static String bucket = "";
    private static String locking = "";

    @BeforeAll
    static void start() {
        server = S3Server.startVersitygw();
        Assumptions.assumeTrue(server.isPresent(), "versitygw is not on the PATH");
        bucket = server.orElseThrow().bucket(false);
        locking = server.orElseThrow().bucket(true);
    }

    @AfterAll
    static void stop() {
        server.ifPresent(S3Server::close);
    }

    private static S3Server server() {
        return server.orElseThrow();
    }

    @Test
    @DisplayName("Wrong credentials are STORE_DENIED, whatever is asked")
    void wrongSecret() {
        String url = server().strangersUrl(bucket);
        ObjectStoreContract.assertCode("STORE_DENIED", () -> Stores.open(url));
        ObjectStore stranger = S3Store.unasked(StoreUrl.parse(url), Retries.none());
        ObjectStoreContract.assertCode("STORE_DENIED", () -> stranger.find("a"));
        ObjectStoreContract.assertCode("STORE_DENIED", () -> stranger.open("a").close());
        ObjectStoreContract.assertCode("STORE_DENIED", () -> stranger.list("", info -> {}));
        ObjectStoreContract.assertCode("STORE_DENIED", () -> stranger.delete("a"));
        ObjectStoreContract.assertCode(
                "STORE_DENIED", () -> stranger.create("a", new ByteArrayInputStream(new byte[1])));
    }

    @Test
    @DisplayName(
            "New objects are locked as the URL says, small ones and those in parts, and others for as long as asked")
    void lockedAtCreation() {
        ObjectStore locked = Stores.open(server().url(locking) + LOCK + "&part-size=5MiB");
        ObjectLock lock = locked.lock().orElseThrow();
        locked.create("small", new ByteArrayInputStream(new byte[10]));
        locked.create("parts", new ByteArrayInputStream(new byte[6 << 20]));
        create(locked, "short", Retention.of(Duration.ofHours(1)));
        create(locked, "free", Retention.none());
        Instant now = Instant.now();
        for (String key : List.of("small", "parts")) {
            assertThat(lock.lockedUntil(key))
                    .hasValueSatisfying(until -> assertThat(until)
                            .isBetween(now.plus(Duration.ofHours(47)), now.plus(Duration.ofHours(49))));
        }
        assertThat(lock.lockedUntil("short"))
                .hasValueSatisfying(until -> assertThat(until)
                        .isBetween(now.plus(Duration.ofMinutes(50)), now.plus(Duration.ofMinutes(70))));
        assertThat(lock.lockedUntil("free")).isEmpty();
        ObjectStoreContract.assertCode("OBJECT_MISSING", () -> lock.lockedUntil("never"));
    }

    @Test
    @DisplayName("A lock is extended, and never shortened")
    void extended() {
        ObjectStore locked = Stores.open(server().url(locking) + LOCK);
        ObjectLock lock = locked.lock().orElseThrow();
        create(locked, "a", Retention.none());
        Instant first = Instant.now().plus(Duration.ofHours(1));
        lock.extend("a", first);
        lock.extend("a", first.plus(Duration.ofHours(5)));
        lock.extend("a", first);
        assertThat(lock.lockedUntil("a"))
                .hasValueSatisfying(until -> assertThat(until).isAfter(first.plus(Duration.ofHours(4))));
        ObjectStoreContract.assertCode("OBJECT_MISSING", () -> lock.extend("never", first));
    }

    @Test
    @DisplayName(
            "Repository and stores 6: an object under lock outlives its deletion, and is read behind the delete marker")
    void behindDeleteMarker() throws IOException {
        ObjectStore locked = Stores.open(server().url(locking) + LOCK);
        ObjectLock lock = locked.lock().orElseThrow();
        locked.create("a/b", new ByteArrayInputStream(new byte[] {1, 2, 3}));
        locked.create("a/c", new ByteArrayInputStream(new byte[] {4}));
        locked.delete("a/b");
        assertThat(locked.find("a/b")).isEmpty();
        ObjectStoreContract.assertCode("OBJECT_MISSING", () -> lock.lockedUntil("a/b"));
        List<ObjectVersion> versions = new ArrayList<>();
        lock.versions("a/b", versions::add);
        assertThat(versions).hasSize(2);
        assertThat(versions.get(0).deleteMarker()).isTrue();
        assertThat(versions.get(0).latest()).isTrue();
        ObjectVersion hidden = versions.get(1);
        assertThat(hidden.size()).isEqualTo(3);
        assertThat(read(lock.open(hidden))).containsExactly(1, 2, 3);
        try (S3Client client = server().client()) {
            String prefix = locked.url().replaceAll("^s3://[^/]+/([^?]+).*", "$1");
            assertThatThrownBy(() -> client.deleteObject(request ->
                            request.bucket(locking).key(prefix + "/a/b").versionId(hidden.version())))
                    .isInstanceOf(S3Exception.class);
        }
        assertThat(read(lock.open(hidden))).containsExactly(1, 2, 3);
    }

    @Test
    @DisplayName("Locks in a bucket that has none are refused at the first object, not at the day they are needed")
    void bucketWithoutLocks() {
        ObjectStore store = Stores.open(server().url(bucket) + LOCK);
        ObjectStoreContract.assertCode(
                "STORE_UNSUPPORTED", () -> store.create("a", new ByteArrayInputStream(new byte[1])));
        assertThat(store.find("a")).isEmpty();
    }

    private static byte[] read(InputStream stream) throws IOException {
        try (stream) {
            return stream.readAllBytes();
        }
    }

    private static void create(ObjectStore store, String key, Retention retention) {
        try (ObjectWriter writer = store.create(key, retention)) {
            writer.write(new byte[] {1}, 0, 1);
            writer.commit();
        }
    }
}
