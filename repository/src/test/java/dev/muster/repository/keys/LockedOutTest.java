package dev.muster.repository.keys;

import static dev.muster.repository.keys.RepositoryKeysTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.testing.MemoryStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody is locked out of his own backups without having said so. */
class LockedOutTest {
    private static final Clock CLOCK = Clock.systemUTC();

    @TempDir
    private Path directory;

    private MemoryStore store;
    private KeyFile daily;
    private KeyFile safe;

    @BeforeEach
    void create() {
        store = new MemoryStore("origin");
        daily = KeyFile.generate(directory.resolve("daily.key"));
        safe = KeyFile.generate(directory.resolve("safe.key"));
        Repository.create(store, List.of(daily, safe), CLOCK).close();
    }

    private RepositoryKeys keys(WrappingKey with) {
        return Repository.keys(store, List.of(with), CLOCK);
    }

    private static Rotation rotation(WrappingKey... holders) {
        return new Rotation(null, List.of(holders), false);
    }

    @Test
    @DisplayName("The first key of a source's own leaves nobody out who reads that source today, unless it is said")
    void firstScopedKey() {
        assertRefused(
                "ROTATION_LEAVES_OUT",
                safe.id(),
                () -> keys(daily).rotate(new Rotation("orders", List.of(daily), false)));
        keys(daily).rotate(new Rotation("orders", List.of(daily, safe), false));
        keys(daily).rotate(new Rotation("billing", List.of(daily), true));
        assertThat(keys(daily).rotate(new Rotation("billing", List.of(daily), false)))
                .isNotEmpty();
    }

    @Test
    @DisplayName("Who does not open today's key himself leaves nobody out who opens it")
    void rotatedByWhoWasLeftOut() {
        String today = keys(safe).rotate(new Rotation(null, List.of(safe), true));
        KeyFile third = KeyFile.generate(directory.resolve("third.key"));
        keys(safe).add(third, Set.of(today));
        assertRefused("ROTATION_LEAVES_OUT", third.id(), () -> keys(daily).rotate(rotation(daily, safe)));
        keys(daily).rotate(rotation(daily, safe, third));
    }

    @Test
    @DisplayName("What is below keys/ and no key's is left alone: keys are given, rotated and name WAL as without it")
    void strays() {
        String name;
        try (Repository before = Repository.open(store, daily)) {
            name = before.nameHash(new byte[1]);
        }
        for (String stray : List.of("keys/0", "keys/00/README", "keys/zz/note", "keys/old/x-0123456789abcdef")) {
            store.create(stray, new ByteArrayInputStream(new byte[3]));
        }
        KeyFile third = KeyFile.generate(directory.resolve("third.key"));
        assertThat(keys(daily).add(third)).hasSize(1);
        assertThat(keys(daily).slots()).hasSize(3);
        keys(daily).rotate(rotation(daily, safe, third));
        try (Repository after = Repository.open(store, third)) {
            assertThat(after.nameHash(new byte[1])).isEqualTo(name);
        }
    }

    @Test
    @DisplayName("What is none of Muster's objects does not keep an old key from being removed, nor ends it in a crash")
    void straysBesideBackups() {
        String second = keys(daily).rotate(rotation(daily, safe));
        keys(daily).rotate(rotation(daily, safe));
        byte[] content = new byte[100];
        try (Repository repository = Repository.open(store, daily)) {
            repository.writeFramed(ObjectType.WAL_SEGMENT, "src/COMMIT", content, 0, content.length);
            repository.writeFramed(ObjectType.LEASE, "lease/README", content, 0, content.length);
        }
        keys(daily).removeKey(second, 1, looked -> {});
        assertThat(store.keys()).noneMatch(key -> key.startsWith("keys/" + second));
    }

    @Test
    @DisplayName("A repository that has lost its repo.json is not made anew: its backups would be readable by nobody")
    void createdOverBackups() {
        byte[] description = store.bytes("repo.json");
        store.delete("repo.json");
        assertRefused("STORE_NOT_EMPTY", "keys/", () -> Repository.create(store, daily, CLOCK));
        assertThat(store.keys()).doesNotContain("repo.json");
        store.replace("repo.json", description);
        assertRefused("REPOSITORY_EXISTS", "origin", () -> Repository.create(store, daily, CLOCK));
        Repository.open(store, daily).close();

        ObjectStore keyless = new MemoryStore("keyless");
        keyless.create("src/orders/b/x", new ByteArrayInputStream(new byte[1]));
        assertRefused("STORE_NOT_EMPTY", "src/orders/b/x", () -> Repository.create(keyless, daily, CLOCK));
    }

    @Test
    @DisplayName("Repository and stores 5: an editor's byte order mark and hard spaces do not spoil a key file")
    void editors() throws IOException {
        for (String text : List.of(
                "\uFEFF" + OfflineKey.text(safe),
                OfflineKey.text(safe).replace(' ', '\u00A0'),
                "\uFEFF" + Files.readString(safe.path()))) {
            Path typed = Files.writeString(directory.resolve("typed"), text);
            assertThat(KeyFile.read(typed).id()).isEqualTo(safe.id());
        }
        Path utf16 =
                Files.write(directory.resolve("utf16"), OfflineKey.text(safe).getBytes(StandardCharsets.UTF_16));
        Assertions.assertThatThrownBy(() -> KeyFile.read(utf16))
                .isInstanceOfSatisfying(
                        RepositoryException.class, e -> assertThat(e.code()).startsWith("KEY_FILE_"));
    }

    @Test
    @DisplayName(
            "Repository and stores 4: a key is not removed while an object names one that nobody has: it may be this")
    void damagedEnvelope() {
        String second = keys(daily).rotate(rotation(daily, safe));
        String segment = "src/orders/wal/7/00000001/00000000/000000010000000000000001-a.seg";
        try (Repository repository = Repository.open(store, daily)) {
            repository.writeFramed(ObjectType.WAL_SEGMENT, segment, new byte[100], 0, 100);
        }
        keys(daily).rotate(rotation(daily, safe));
        byte[] object = store.bytes(segment);
        object[10] ^= 1;
        assertRefused("KEY_USE_UNKNOWN", "no slot", () -> keys(daily).removeKey(second, 1, looked -> {}));
        object[10] ^= 1;
        assertRefused("KEY_IN_USE", second, () -> keys(daily).removeKey(second, 1, looked -> {}));
    }
}
