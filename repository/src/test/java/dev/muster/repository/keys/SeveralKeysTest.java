package dev.muster.repository.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.MasterKey;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.encryption.Secret;
import dev.muster.repository.frames.Sha256;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rotation and keys per source, as docs/format/keys.md has them, read and written by this program. */
class SeveralKeysTest {
    private static final String YOUNGER = "f".repeat(31) + "0";
    private static final String YOUNGEST = "f".repeat(32);
    private static final byte[] CONTENT = "a segment".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory;

    private ObjectStore store;
    private KeyFile first;
    private KeyFile second;

    @BeforeEach
    void create() throws IOException {
        store = Stores.open(
                Files.createDirectory(directory.resolve("store")).toUri().toString());
        first = KeyFile.generate(directory.resolve("first.key"));
        second = KeyFile.generate(directory.resolve("second.key"));
        Repository.create(store, first, Clock.systemUTC()).close();
    }

    @Test
    @DisplayName("Repository and stores 4: after a rotation, also during a backup, old and new objects are read")
    void rotation() throws IOException {
        String old = "src/orders/wal/7/00000001/00000000/000000010000000000000001-a.seg";
        String fresh = "src/orders/wal/7/00000001/00000000/000000010000000000000002-b.seg";
        try (Repository running = Repository.open(store, first)) {
            running.writeFramed(ObjectType.WAL_SEGMENT, old, CONTENT, 0, CONTENT.length);
            String name = running.nameHash(CONTENT);
            try (BackupWriter backup = running.startBackup(
                    new BackupRequest("orders", BackupKind.FULL, "host-1", JsonNodeFactory.instance.objectNode()))) {
                addKey(YOUNGER, null, first);
                try (Repository rotated = Repository.open(store, first)) {
                    rotated.writeFramed(ObjectType.WAL_SEGMENT, fresh, CONTENT, 0, CONTENT.length);
                    backup.commit(JsonNodeFactory.instance.objectNode());
                    assertThat(rotated.nameHash(CONTENT)).isEqualTo(name);
                    assertThat(read(rotated, old)).isEqualTo(CONTENT);
                    assertThat(read(rotated, fresh)).isEqualTo(CONTENT);
                    assertThat(rotated.verify("orders", backup.id(), 1).sound()).isTrue();
                }
            }
            assertRefused("KEY_UNKNOWN", YOUNGER, () -> read(running, fresh));
        }
    }

    @Test
    @DisplayName(
            "Who cannot open the oldest key makes no names of WAL: another name for the same segment is a conflict")
    void namesNeedTheOldest() {
        addKey(YOUNGER, null, second);
        try (Repository repository = Repository.open(store, second)) {
            assertRefused("KEY_NOT_FOR_SOURCE", "second.key", () -> repository.nameHash(CONTENT));
        }
    }

    @Test
    @DisplayName("A damaged slot of the oldest key does not change the names of WAL: none are made")
    void damagedSlotOfTheOldest() throws IOException {
        addKey(YOUNGER, null, first);
        String oldest = store.url() + "/" + slots().get(0);
        Path slot = Path.of(java.net.URI.create(oldest));
        Files.writeString(slot, Files.readString(slot).replace("created", "createD"));
        try (Repository repository = Repository.open(store, first)) {
            assertRefused("KEY_NOT_FOR_SOURCE", slots().get(0).split("/")[1], () -> repository.nameHash(CONTENT));
        }
    }

    @Test
    @DisplayName("A key file that opens only one source's key reads that source, and nothing else")
    void onlyOneSource() throws IOException {
        addKey(YOUNGER, null, first);
        addKey(YOUNGEST, "orders", first);
        addKey(YOUNGEST, "orders", second);
        String ours = "src/orders/wal/7/00000001/00000000/000000010000000000000001-a.seg";
        String others = "src/billing/wal/7/00000001/00000000/000000010000000000000001-a.seg";
        try (Repository all = Repository.open(store, first)) {
            all.writeFramed(ObjectType.WAL_SEGMENT, ours, CONTENT, 0, CONTENT.length);
            all.writeFramed(ObjectType.WAL_SEGMENT, others, CONTENT, 0, CONTENT.length);
        }
        try (Repository one = Repository.open(store, second)) {
            assertThat(read(one, ours)).isEqualTo(CONTENT);
            assertRefused("KEY_UNKNOWN", others, () -> read(one, others));
        }
    }

    private final java.util.Map<String, MasterKey> masters = new java.util.HashMap<>();

    private void addKey(String kid, @Nullable String scope, KeyFile file) {
        MasterKey master = masters.computeIfAbsent(kid, id -> new MasterKey(id, Secret.random()));
        try (InputStream description = store.open("repo.json")) {
            byte[] repository = description.readAllBytes();
            ObjectMapper json = new ObjectMapper();
            RepositoryIdentity identity =
                    new RepositoryIdentity(json.readTree(repository).path("id").asText(), Sha256.hash(repository));
            KeySlot.wrap(master, scope, file, "2026-11-21T00:00:00Z", identity).store(store);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private java.util.List<String> slots() {
        java.util.List<String> slots = new java.util.ArrayList<>();
        store.list("keys/", slot -> slots.add(slot.key()));
        return slots;
    }

    private static byte[] read(Repository repository, String key) throws IOException {
        try (InputStream content = repository.readFramed(ObjectType.WAL_SEGMENT, key)) {
            return content.readAllBytes();
        }
    }

    private static void assertRefused(
            String code, String named, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .hasMessageContaining(named)
                .isInstanceOfSatisfying(
                        RepositoryException.class, e -> assertThat(e.code()).isEqualTo(code));
    }
}
