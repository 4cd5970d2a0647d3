package dev.muster.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.ObjectStoreContract;
import dev.muster.storage.ObjectWriter;
import dev.muster.storage.StoreException;
import dev.muster.storage.StoreUrl;
import dev.muster.storage.Stores;
import dev.muster.storage.retry.Retries;
import dev.muster.storage.testing.S3Server;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3Client;

/** What the driver must do on every server, beyond what every store must do. */
abstract class S3Contract extends ObjectStoreContract {
    private static final int PART = 5 << 20;
    private static final String SMALL_PARTS = "&part-size=5MiB&parallel=2";

    abstract S3Server server();

    abstract String bucket();

    /** Whether an upload that is given up leaves the object alone that somebody else stored meanwhile. */
    boolean abortsLeaveObjects() {
        return true;
    }

    @Override
    protected ObjectStore emptyStore() {
        return Stores.open(server().url(bucket()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&checksums=when-supported"})
    @DisplayName("An object of several parts comes back as it was written, whole and across the parts' borders")
    void severalParts(String setting) throws IOException {
        ObjectStore parts = Stores.open(server().url(bucket()) + SMALL_PARTS + setting);
        for (int size : new int[] {PART, PART + 1, 2 * PART + 12345}) {
            byte[] content = new byte[size];
            new Random(size).nextBytes(content);
            parts.create("a/" + size, new ByteArrayInputStream(content));
            assertThat(read(parts.open("a/" + size))).isEqualTo(content);
            assertThat(read(parts.open("a/" + size, PART - 10, 10)))
                    .isEqualTo(Arrays.copyOfRange(content, PART - 10, PART));
            assertThat(read(parts.open("a/" + size, PART - 100_000, size - PART + 100_000)))
                    .isEqualTo(Arrays.copyOfRange(content, PART - 100_000, size));
        }
    }

    @Test
    @DisplayName("An object of several parts is created once: the later writer fails, also when both began before")
    void severalPartsOnce() throws IOException {
        Assumptions.assumeTrue(abortsLeaveObjects(), "This server removes the object with the parts");
        ObjectStore parts = Stores.open(server().url(bucket()) + SMALL_PARTS);
        try (ObjectWriter first = parts.create("a");
                ObjectWriter second = parts.create("a")) {
            fill(first, (byte) 1);
            fill(second, (byte) 2);
            second.commit();
            assertThatThrownBy(first::commit).isInstanceOf(ObjectExistsException.class);
        }
        try (InputStream content = parts.open("a")) {
            assertThat(content.read()).isEqualTo(2);
        }
        // Noticed before much is sent for nothing.
        try (ObjectWriter third = parts.create("a")) {
            assertThatThrownBy(() -> fill(third, (byte) 3)).isInstanceOf(ObjectExistsException.class);
        }
        assertThat(unfinished()).isZero();
    }

    @Test
    @DisplayName("Of an upload in parts that is given up nothing stays in the bucket, not even out of sight")
    void givenUpParts() {
        ObjectStore parts = Stores.open(server().url(bucket()) + SMALL_PARTS);
        try (ObjectWriter writer = parts.create("a")) {
            fill(writer, (byte) 1);
            fill(writer, (byte) 1);
            assertThat(unfinished()).isEqualTo(1);
            assertThat(parts.find("a")).isEmpty();
        }
        assertThat(unfinished()).isZero();
    }

    @Test
    @DisplayName("A bucket that does not exist is a missing store, not one without objects")
    void missingBucket() {
        String url = server().url("no-such-bucket");
        assertCode("STORE_MISSING", () -> Stores.open(url));
        ObjectStore nowhere = S3Store.unasked(StoreUrl.parse(url), Retries.none());
        assertCode("STORE_MISSING", () -> nowhere.find("a"));
        assertCode("STORE_MISSING", () -> nowhere.open("a").close());
        assertCode("STORE_MISSING", () -> nowhere.open("a", 0, 1).close());
        assertCode("STORE_MISSING", () -> nowhere.list("", info -> {}));
        assertCode("STORE_MISSING", () -> nowhere.delete("a"));
        assertCode("STORE_MISSING", () -> nowhere.create("a", new ByteArrayInputStream(new byte[1])));
    }

    @Test
    @DisplayName("Where a server is not trusted with conditions, the driver looks before it writes")
    void unconditional() throws IOException {
        ObjectStore careful = Stores.open(server().url(bucket()) + SMALL_PARTS + "&conditional=false");
        careful.create("a", new ByteArrayInputStream(new byte[] {1}));
        assertThatThrownBy(() -> careful.create("a", new ByteArrayInputStream(new byte[] {2})))
                .isInstanceOf(ObjectExistsException.class);
        try (InputStream content = careful.open("a")) {
            assertThat(content.read()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("What others put into the bucket under names that no object of Muster's has is passed over")
    void foreignKeys() {
        put("a/b", "x");
        String prefix = store.url().replaceAll("^s3://[^/]+/([^?]+).*", "$1");
        try (S3Client client = server().client()) {
            for (String key : new String[] {prefix + "/a b", prefix + "/é", prefix + "-neighbour/a"}) {
                client.putObject(
                        request -> request.bucket(bucket()).key(key),
                        software.amazon.awssdk.core.sync.RequestBody.fromString("x"));
            }
        }
        assertThat(keys("")).containsExactly("a/b");
    }

    @Test
    @DisplayName("A writer that is interrupted says so, does not blame the store, and leaves nothing behind")
    void interrupted() {
        ObjectStore parts = Stores.open(server().url(bucket()) + SMALL_PARTS);
        for (int pieces = 0; pieces < 2; pieces++) {
            try (ObjectWriter writer = parts.create("a")) {
                for (int i = 0; i < pieces; i++) {
                    fill(writer, (byte) 1);
                }
                Thread.currentThread().interrupt();
                assertThatThrownBy(writer::commit)
                        .isInstanceOf(StoreException.class)
                        .hasMessageContaining("interrupted");
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(parts.find("a")).isEmpty();
        }
        assertThat(unfinished()).isZero();
    }

    private static void fill(ObjectWriter writer, byte value) {
        byte[] bytes = new byte[1 << 20];
        Arrays.fill(bytes, value);
        for (int i = 0; i < 6; i++) {
            writer.write(bytes, 0, bytes.length);
        }
    }

    private int unfinished() {
        try (S3Client client = server().client()) {
            return client.listMultipartUploads(request -> request.bucket(bucket()))
                    .uploads()
                    .size();
        }
    }
}
