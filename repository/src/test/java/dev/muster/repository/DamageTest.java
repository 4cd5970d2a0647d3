package dev.muster.repository;

import static dev.muster.repository.TestRepository.SOURCE;
import static dev.muster.repository.TestRepository.random;
import static dev.muster.repository.TestRepository.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.StoreException;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every possible small damage to a whole repository of two backups and WAL, one after the other, in a folder. A sample of
 * what takes long runs each time in memory: EveryFaultTest.
 */
class DamageTest {
    private static final String WAL = "src/" + SOURCE + "/wal/7/00000001/00000000/000000010000000000000001-ab.seg";

    @TempDir
    private Path directory;

    private TestRepository test;
    private CommittedBackup first;
    private CommittedBackup second;
    private final Map<String, byte[]> files =
            new TreeMap<>(Map.of("PG_VERSION", random(7, 1), "base/1", text(90, 2), "zeros", new byte[64]));

    private int checks;

    @BeforeEach
    void create() throws IOException {
        test = new TestRepository(directory);
        first = test.backup(files);
        second = test.backup(files);
        test.repository.writeFramed(ObjectType.WAL_SEGMENT, WAL, random(40, 3), 0, 40);
    }

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    @Thorough
    @DisplayName(
            "Repository and stores 4: one bit flipped, anywhere in any object, is always detected and the object named")
    void everyBit() throws IOException {
        assertThat(trouble(this::checkEverything)).isEmpty();
        for (String key : keysWithoutSecond()) {
            Path file = test.folder.resolve(key);
            byte[] good = Files.readAllBytes(file);
            // In place: replacing a file 20,000 times makes some file systems sync it each time.
            try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                for (int bit = 0; bit < good.length * 8; bit++) {
                    open.seek(bit / 8);
                    open.write(good[bit / 8] ^ 1 << bit % 8);
                    assertDetected(key, "bit " + bit);
                    open.seek(bit / 8);
                    open.write(good[bit / 8]);
                }
            }
        }
        assertThat(trouble(this::checkEverything)).isEmpty();
    }

    @Test
    @Thorough
    @DisplayName(
            "Repository and stores 4: an object cut anywhere, one byte longer, or gone is always detected and named")
    void everyLength() throws IOException {
        for (String key : keysWithoutSecond()) {
            Path file = test.folder.resolve(key);
            byte[] good = Files.readAllBytes(file);
            try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                for (int length = good.length + 1; length >= 0; length--) {
                    open.setLength(length);
                    if (length != good.length) {
                        assertDetected(key, "length " + length);
                    }
                }
            }
            Files.delete(file);
            assertDetected(key, "missing");
            Files.write(file, good);
        }
        assertThat(trouble(this::checkEverything)).isEmpty();
    }

    @Test
    @DisplayName(
            "Repository and stores 4: objects that change places, also of one kind in two backups, are always detected")
    void swapped() throws IOException {
        List<String> keys = keys();
        for (String one : keys) {
            for (String other : keys) {
                if (one.compareTo(other) < 0) {
                    swap(one, other);
                    assertDetected(one, "swapped with " + other);
                    swap(one, other);
                }
            }
        }
        assertThat(trouble(this::checkEverything)).isEmpty();
    }

    @Test
    @DisplayName("Repository and stores 4: an object under a key that is not there is refused, with the key id named")
    void wrongKeyId() throws IOException {
        String pack =
                keys().stream().filter(key -> key.endsWith(".pack")).findFirst().orElseThrow();
        Path file = test.folder.resolve(pack);
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, 8, 24, (byte) 0xab);
        Files.write(file, bytes);
        Verification verification = test.repository.verify(SOURCE, first.id(), 1);
        assertThat(verification.problems())
                .isNotEmpty()
                .allSatisfy(e -> assertThat(e.code()).isEqualTo("KEY_UNKNOWN"));
        assertThat(verification.problems().get(0)).hasMessageContaining(pack).hasMessageContaining("ab".repeat(16));
    }

    @Test
    @DisplayName("A damaged pack names the pack and the files that need it, and the other backup is sound")
    void named() throws IOException {
        String pack = "src/" + SOURCE + "/b/" + first.id() + "/p-00000000.pack";
        Path file = test.folder.resolve(pack);
        byte[] bytes = Files.readAllBytes(file);
        bytes[70] ^= 1;
        Files.write(file, bytes);
        BackupReader reader = test.repository.backup(SOURCE, first.id());
        TreeSet<String> unreadable = new TreeSet<>();
        reader.entries(entry -> {
            try {
                TestRepository.content(reader, entry);
            } catch (RepositoryException e) {
                assertThat(e)
                        .hasMessageContaining(pack)
                        .hasMessageContaining(entry.path().toString());
                assertThat(e.code()).isEqualTo("OBJECT_DAMAGED");
                assertThat(e.hint()).isNotBlank();
                unreadable.add(entry.path().toString());
            }
        });
        assertThat(unreadable).containsExactly("PG_VERSION", "base/1");
        assertThat(test.repository.verify(SOURCE, second.id(), 1).sound()).isTrue();
    }

    private void swap(String one, String other) throws IOException {
        Path temporary = directory.resolve("swapped");
        Files.move(test.folder.resolve(one), temporary);
        Files.move(test.folder.resolve(other), test.folder.resolve(one));
        Files.move(temporary, test.folder.resolve(other));
    }

    private interface Check {
        void run() throws IOException;
    }

    /** The object's own reader must notice, or else a check of everything: a missing lease is no error as such. */
    private void assertDetected(String key, String damage) {
        if (trouble(() -> check(test.repository, key)).isEmpty()
                && trouble(this::checkEverything).isEmpty()) {
            fail("Not detected: %s, %s", key, damage);
        }
    }

    private void check(Repository repository, String key) throws IOException {
        if (key.equals("repo.json") || key.startsWith("keys/")) {
            open().close();
        } else if (key.startsWith("lease/")) {
            repository.leases();
        } else if (key.equals(WAL)) {
            assertThat(repository.readFramed(ObjectType.WAL_SEGMENT, WAL).readAllBytes())
                    .isEqualTo(random(40, 3));
        } else {
            String id = key.contains(second.id()) ? second.id() : first.id();
            Verification verification = repository.verify(SOURCE, id, 1);
            if (verification.sound() || checks++ % 8 == 0) {
                assertNeverWrong(repository, id, verification.sound());
            }
            verification.requireSound();
        }
    }

    private void checkEverything() throws IOException {
        try (Repository repository = open()) {
            List<String> both = List.of(first.id(), second.id());
            if (repository.leases().size() != 2 || repository.backups(SOURCE).size() != 2) {
                throw new RepositoryException("MISSING", "A lease or a backup of the repository is missing", "none");
            }
            assertThat(repository.leases()).extracting(Lease::backup).containsExactlyElementsOf(both);
            for (String key : keys()) {
                check(repository, key);
            }
        }
    }

    private Repository open() {
        return Repository.open(test.store, KeyFile.read(test.key.path()));
    }

    /** What a check complains of, if it does: an error with a code, that names an object. */
    private static Optional<String> trouble(Check check) {
        try {
            check.run();
            return Optional.empty();
        } catch (RepositoryException | StoreException e) {
            assertThat(e.getMessage()).containsPattern("repo\\.json|keys/|src/|lease/|backup [0-9A-Z]{26}|repository");
            return Optional.of(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A restore fails, or gives back what was written: an index that no restore reads may be damaged. */
    private void assertNeverWrong(Repository repository, String id, boolean sound) {
        Map<String, byte[]> restored;
        try {
            restored = TestRepository.restore(repository, id);
        } catch (RepositoryException e) {
            assertThat(sound)
                    .as("Verified, but not restored: %s", e.getMessage())
                    .isFalse();
            return;
        }
        assertThat(restored.keySet()).isEqualTo(files.keySet());
        restored.forEach((name, content) -> assertThat(content).isEqualTo(files.get(name)));
    }

    /** One of each kind of object; the second backup's are of the same kinds. */
    private List<String> keysWithoutSecond() {
        return keys().stream().filter(key -> !key.contains(second.id())).toList();
    }

    private List<String> keys() {
        List<ObjectInfo> objects = new ArrayList<>();
        test.store.list("", objects::add);
        return objects.stream().map(ObjectInfo::key).toList();
    }
}
