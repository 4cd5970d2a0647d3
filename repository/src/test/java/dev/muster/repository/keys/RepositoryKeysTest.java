package dev.muster.repository.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.PackWriter;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.keys.SlotDescription.State;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Giving, taking away and rotating keys, with the real store and everything that was written read back. */
class RepositoryKeysTest {
    private static final byte[] CONTENT = "a segment".getBytes(StandardCharsets.UTF_8);
    private static final Clock CLOCK = Clock.systemUTC();

    @TempDir
    private Path directory;

    private ObjectStore store;
    private KeyFile daily;
    private KeyFile safe;

    @BeforeEach
    void create() throws IOException {
        store = Stores.open(
                Files.createDirectory(directory.resolve("store")).toUri().toString());
        daily = KeyFile.generate(directory.resolve("daily.key"));
        safe = KeyFile.generate(directory.resolve("safe.key"));
        Repository.create(store, daily, CLOCK).close();
    }

    @Test
    @DisplayName("A key that is added opens every object of every master key, and writes WAL under the same names")
    void add() {
        write(wal(1), daily);
        keys(daily).rotate(new Rotation(null, List.of(daily), false));
        write(wal(2), daily);
        assertThat(keys(daily).add(safe)).hasSize(2);
        assertThat(read(wal(1), safe)).isEqualTo(CONTENT);
        assertThat(read(wal(2), safe)).isEqualTo(CONTENT);
        try (Repository one = Repository.open(store, daily);
                Repository other = Repository.open(store, safe)) {
            assertThat(other.nameHash(CONTENT)).isEqualTo(one.nameHash(CONTENT));
        }
        assertThat(keys(safe).slots())
                .hasSize(4)
                .filteredOn(slot -> slot.state() == State.OPENS)
                .hasSize(2);
        assertThat(keys(daily).add(safe)).as("adding again adds nothing").isEmpty();
    }

    @Test
    @DisplayName("Nobody is given a part of the keys without saying so: what would not open is named")
    void addPart() {
        String first = kids().get(0);
        keys(daily).add(safe);
        String second = keys(daily).rotate(new Rotation(null, List.of(daily), true));
        KeyFile third = KeyFile.generate(directory.resolve("third.key"));
        assertRefused("KEY_NOT_OPEN", second, () -> keys(safe).add(third));
        assertThat(keys(safe).add(third, Set.of(first))).hasSize(1);
        assertRefused("KEY_NOT_OPEN", "0000", () -> keys(daily).add(third, Set.of("0000")));
    }

    @Test
    @DisplayName("A revoked key opens nothing any more, and all objects stay readable with the others")
    void revoke() {
        write(wal(1), daily);
        keys(daily).add(safe);
        keys(safe).revoke(slotOf(daily));
        assertRefused("WRONG_KEY", "daily.key", () -> Repository.open(store, daily));
        assertThat(read(wal(1), safe)).isEqualTo(CONTENT);
    }

    @Test
    @DisplayName("The last slot of a key is not revoked, nor one without proof that another works")
    void revokeLast() throws IOException {
        String slot = slotOf(daily);
        assertRefused("KEY_SLOT_LAST", slot, () -> keys(daily).revoke(slot));
        assertRefused("KEY_SLOT_UNKNOWN", "keys/none", () -> keys(daily).revoke("keys/none"));
        String other = keys(daily).add(safe).get(0);
        assertRefused("KEY_SLOT_UNPROVEN", slot, () -> keys(daily).revoke(slot));
        // The other one is there, but is damaged: it does not count.
        Path file = directory.resolve("store").resolve(other);
        Files.writeString(file, Files.readString(file).replace("wrapped", "wrappeD"));
        assertRefused("KEY_SLOT_LAST", slot, () -> keys(daily).revoke(slot));
        assertThat(keys(daily).slots())
                .extracting(SlotDescription::state)
                .containsExactlyInAnyOrder(State.OPENS, State.DAMAGED);
        keys(daily).revoke(other);
        assertThat(keys(daily).slots()).hasSize(1);
        Repository.open(store, daily).close();
    }

    @Test
    @DisplayName("Repository and stores 4: a backup that runs across a rotation restores, with objects of both keys")
    void rotateDuringBackup() throws IOException {
        String first = kids().get(0);
        String id;
        try (Repository running = Repository.open(store, daily)) {
            BackupRequest request =
                    new BackupRequest("orders", BackupKind.FULL, "host-1", JsonNodeFactory.instance.objectNode());
            try (BackupWriter backup = running.startBackup(request);
                    PackWriter pack = backup.pack()) {
                write(wal(1), running);
                keys(daily).rotate(new Rotation(null, List.of(daily), false));
                // Another process archives the WAL that this backup needs, and opened the repository later.
                write(wal(2), daily);
                write(wal(3), running);
                pack.close();
                id = backup.commit(JsonNodeFactory.instance.objectNode()).id();
            }
        }
        assertThat(keys(daily).use(2, ignored -> {})).containsOnlyKeys(kids()).containsKey(first);
        try (Repository later = Repository.open(store, daily)) {
            assertThat(later.verify("orders", id, 1).sound()).isTrue();
            for (int segment = 1; segment <= 3; segment++) {
                assertThat(read(wal(segment), later)).isEqualTo(CONTENT);
            }
        }
    }

    @Test
    @DisplayName("A rotation that would lock out the offline key is refused and names its slot, unless that is meant")
    void leavesOut() {
        keys(daily).add(safe);
        Rotation withoutSafe = new Rotation(null, List.of(daily), false);
        assertRefused("ROTATION_LEAVES_OUT", safe.id(), () -> keys(daily).rotate(withoutSafe));
        assertThat(kids()).hasSize(1);
        String second = keys(daily).rotate(new Rotation(null, List.of(daily, safe), false));
        write(wal(1), daily);
        assertThat(read(wal(1), safe)).isEqualTo(CONTENT);
        assertThat(kids()).hasSize(2).last().isEqualTo(second);
        String third = keys(daily).rotate(new Rotation(null, List.of(daily), true));
        write(wal(2), daily);
        assertRefused("KEY_UNKNOWN", third, () -> read(wal(2), safe));
    }

    @Test
    @DisplayName("A new key sorts behind all others also where the clock is wrong by years")
    void clockWrong() {
        Clock past = Clock.offset(CLOCK, Duration.ofDays(-4000));
        String first = kids().get(0);
        String second = Repository.keys(store, List.of(daily), past).rotate(new Rotation(null, List.of(daily), false));
        String third = Repository.keys(store, List.of(daily), past).rotate(new Rotation(null, List.of(daily), false));
        assertThat(List.of(first, second, third)).isSorted();
        store.create("keys/" + "f".repeat(32) + "/x-0", new ByteArrayInputStream(new byte[0]));
        assertRefused(
                "KEY_CLOCK_WRONG", "f".repeat(32), () -> keys(daily).rotate(new Rotation(null, List.of(daily), false)));
    }

    @Test
    @DisplayName("A key for one source encrypts its objects from now on, and opens nothing else")
    void scope() {
        keys(daily).rotate(new Rotation("orders", List.of(daily, safe), true));
        String others = "src/billing/wal/7/00000001/00000000/000000010000000000000001-a.seg";
        write(wal(1), daily);
        write(others, daily);
        assertThat(read(wal(1), safe)).isEqualTo(CONTENT);
        assertRefused("KEY_UNKNOWN", others, () -> read(others, safe));
    }

    @Test
    @DisplayName(
            "An old key is removed only when no object needs it, no backup runs, a newer one is there, and never the first")
    void removeKey() {
        String first = kids().get(0);
        assertRefused("KEY_IN_USE", "newest", () -> remove(first));
        String second = keys(daily).rotate(new Rotation(null, List.of(daily), false));
        write(wal(1), daily);
        assertRefused("KEY_IN_USE", "newest", () -> remove(second));
        String third = keys(daily).rotate(new Rotation(null, List.of(daily), false));
        assertRefused("KEY_IN_USE", "oldest", () -> remove(first));
        assertRefused("KEY_IN_USE", "1 objects", () -> remove(second));
        store.delete(wal(1));
        store.create("lease/host-1/01M7ZW7330JMH31K5GSFFYNE7W", new ByteArrayInputStream(new byte[0]));
        assertRefused("KEY_IN_USE", "lease/host-1", () -> remove(second));
        store.delete("lease/host-1/01M7ZW7330JMH31K5GSFFYNE7W");
        store.create("src/orders/README", new ByteArrayInputStream(new byte[100]));
        assertRefused("KEY_USE_UNKNOWN", "src/orders/README", () -> remove(second));
        store.delete("src/orders/README");
        assertThat(kids()).containsExactly(first, second, third);
        remove(second);
        assertThat(kids()).containsExactly(first, third);
        assertRefused("KEY_NOT_OPEN", second, () -> remove(second));
        write(wal(2), daily);
        assertThat(read(wal(2), daily)).isEqualTo(CONTENT);
    }

    @Test
    @DisplayName("A key that was written under while it was removed comes back with all of its slots")
    void removedWhileWritten() {
        String second = keys(daily).rotate(new Rotation(null, List.of(daily), false));
        keys(daily).add(safe);
        try (Repository late = Repository.open(store, daily)) {
            keys(daily).rotate(new Rotation(null, List.of(daily, safe), false));
            List<String> before = KeySlot.paths(store);
            boolean[] written = new boolean[1];
            // Told at the end of the first look at the objects, just before the slots go.
            assertRefused(
                    "KEY_IN_USE",
                    "1 objects",
                    () -> keys(daily).removeKey(second, 1, ignored -> {
                        if (!written[0]) {
                            written[0] = true;
                            write(wal(1), late);
                        }
                    }));
            assertThat(KeySlot.paths(store)).isEqualTo(before);
        }
        assertThat(read(wal(1), safe)).isEqualTo(CONTENT);
    }

    @Test
    @DisplayName("Looking which keys are in use counts every object, by many threads, and tells how far it is")
    void use() {
        for (int segment = 0; segment < 60; segment++) {
            write(wal(segment), daily);
        }
        String second = keys(daily).rotate(new Rotation(null, List.of(daily), false));
        write(wal(60), daily);
        List<Long> progress = new ArrayList<>();
        assertThat(keys(daily).use(4, progress::add))
                .containsEntry(kids().get(0), 60L)
                .containsEntry(second, 1L);
        assertThat(progress).last().isEqualTo(61L);
    }

    private RepositoryKeys keys(WrappingKey key) {
        return Repository.keys(store, List.of(key), CLOCK);
    }

    private void remove(String kid) {
        keys(daily).removeKey(kid, 2, ignored -> {});
    }

    private List<String> kids() {
        return KeySlot.paths(store).stream().map(KeySlot::kidOf).distinct().toList();
    }

    private String slotOf(KeyFile key) {
        return KeySlot.paths(store).stream()
                .filter(path -> path.contains(key.id()))
                .findFirst()
                .orElseThrow();
    }

    private static String wal(int segment) {
        return String.format("src/orders/wal/7/00000001/00000000/0000000100000000%08x-a.seg", segment);
    }

    private void write(String key, WrappingKey with) {
        try (Repository repository = Repository.open(store, with)) {
            write(key, repository);
        }
    }

    private static void write(String key, Repository repository) {
        repository.writeFramed(ObjectType.WAL_SEGMENT, key, CONTENT, 0, CONTENT.length);
    }

    private byte[] read(String key, WrappingKey with) {
        try (Repository repository = Repository.open(store, with)) {
            return read(key, repository);
        }
    }

    private static byte[] read(String key, Repository repository) {
        try (InputStream content = repository.readFramed(ObjectType.WAL_SEGMENT, key)) {
            return content.readAllBytes();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static void assertRefused(String code, String named, ThrowingCallable call) {
        assertThatThrownBy(call).hasMessageContaining(named).isInstanceOfSatisfying(RepositoryException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.hint()).isNotBlank();
        });
    }
}
