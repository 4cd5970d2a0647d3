package dev.muster.repository.verification;

import static dev.muster.repository.testing.SmallRepository.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.testing.SmallRepository;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.StoreException;
import dev.muster.storage.testing.Thorough;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever happens to the bytes of any object: who reads gets what was written or an error with a code, and a look at all
 * levels notices. Of a full backup, an increment that needs it, WAL of each kind, leases, keys and repo.json.
 */
class EveryFaultTest {
    /** A key, or what opening a repository says of it as a whole. */
    private static final Pattern OBJECT = Pattern.compile("repo\\.json|keys/|src/|lease/|[Bb]ackup|repository");

    @TempDir
    private Path directory;

    private SmallRepository small;

    @BeforeEach
    void create() {
        small = SmallRepository.filled(directory);
    }

    @AfterEach
    void close() {
        small.close();
    }

    @Test
    @DisplayName(
            "Repository and stores 4: flipped bits, one in 61 of all objects, are noticed and never read as content")
    void someBits() {
        flip(61);
    }

    @Test
    @Thorough
    @DisplayName("Repository and stores 4: EVERY flipped bit of every object is noticed and never read as content")
    void everyBit() {
        flip(1);
    }

    @Test
    @DisplayName(
            "Repository and stores 4: objects cut or grown, to one length in 17, are noticed and never read as content")
    void someLengths() {
        cut(17);
    }

    @Test
    @Thorough
    @DisplayName("Repository and stores 4: objects cut to EVERY length are noticed and never read as content")
    void everyLength() {
        cut(1);
    }

    @Test
    @DisplayName("Repository and stores 4: any two objects that changed places are noticed and never read as content")
    void swapped() {
        List<String> keys = small.store.keys();
        for (int i = 0; i < keys.size(); i++) {
            for (int j = i + 1; j < keys.size(); j++) {
                swap(keys.get(i), keys.get(j));
                assertNoticed(keys.get(i), "in the place of " + keys.get(j));
                swap(keys.get(i), keys.get(j));
            }
        }
        assertEverythingReads();
    }

    @Test
    @DisplayName("Repository and stores 4: segments of an object's encryption that changed places are noticed")
    void segmentsSwapped() {
        byte[] content = SmallRepository.random(300_000, 5);
        String key = "src/" + SOURCE + "/wal/7300000000000000001/00000009-" + small.repository.nameHash(content)
                + ".history";
        small.repository.writeFramed(ObjectType.WAL_HISTORY, key, content, 0, content.length);
        assertThat(SmallRepository.readWal(small.repository, key)).isEqualTo(content);
        byte[] bytes = small.store.bytes(key);
        int segment = 64 << 10;
        byte[] second = Arrays.copyOfRange(bytes, 24 + segment, 24 + 2 * segment);
        System.arraycopy(bytes, 24 + 2 * segment, bytes, 24 + segment, segment);
        System.arraycopy(second, 0, bytes, 24 + 2 * segment, segment);
        assertThat(troubleOf(() -> SmallRepository.readWal(small.repository, key)))
                .contains("OBJECT_DAMAGED");
    }

    @Test
    @DisplayName(
            "Repository and stores 4: a pack of the right name and key with other frames is noticed by every level")
    void framesOfAnother() {
        for (CommittedBackup backup : small.repository.backups(SOURCE)) {
            String pack = ObjectName.pack(SOURCE, backup.id(), 0);
            byte[] good = small.store.bytes(pack);
            small.store.delete(pack);
            byte[] content = SmallRepository.random(500, 77);
            small.repository.writeFramed(ObjectType.PACK, pack, content, 0, content.length);
            assertThat(new Verifier(small.repository, Clock.systemUTC(), 1)
                            .verifyBackup(Level.INDEXES, backup)
                            .problems())
                    .isNotEmpty();
            assertThat(troubleOf(() -> SmallRepository.restore(small.repository, backup.id())))
                    .contains("OBJECT_DAMAGED");
            small.store.replace(pack, good);
        }
        assertEverythingReads();
    }

    @Test
    @DisplayName(
            "Repository and stores 4: objects of another repository under the same names are refused, with the key named")
    void ofAnotherRepository() {
        for (String key : small.store.keys()) {
            if (ObjectName.of(key).type().isPresent()) {
                byte[] good = small.store.bytes(key);
                byte[] foreign = good.clone();
                Arrays.fill(foreign, 8, 24, (byte) 0x5a);
                small.store.replace(key, foreign);
                assertThat(troubleOf(() -> content(small.repository, key))).contains("KEY_UNKNOWN");
                assertNoticed(key, "under another key's id");
                small.store.replace(key, good);
            }
        }
    }

    private void flip(int step) {
        int offset = 0;
        for (String key : small.store.keys()) {
            byte[] bytes = small.store.bytes(key);
            int bit = offset;
            for (; bit < bytes.length * 8; bit += step) {
                bytes[bit / 8] ^= (byte) (1 << bit % 8);
                assertNoticed(key, "bit " + bit);
                bytes[bit / 8] ^= (byte) (1 << bit % 8);
            }
            offset = bit - bytes.length * 8;
        }
        assertEverythingReads();
    }

    private void cut(int step) {
        for (String key : small.store.keys()) {
            byte[] good = small.store.bytes(key);
            for (int length = good.length + 1; length >= 0; length -= length > good.length ? 2 : step) {
                small.store.replace(key, Arrays.copyOf(good, length));
                assertNoticed(key, "length " + length);
            }
            small.store.delete(key);
            assertReadsRight(key, "gone");
            small.store.replace(key, good);
        }
        assertEverythingReads();
    }

    private void swap(String one, String other) {
        byte[] bytes = small.store.bytes(one);
        small.store.replace(one, small.store.bytes(other));
        small.store.replace(other, bytes);
    }

    /** Opening or looking at the object alone tells, and reading what needs it gives what was written or an error. */
    private void assertNoticed(String key, String fault) {
        Optional<String> trouble = troubleOf(() -> {
            try (Repository opened = small.open(small.store)) {
                content(opened, key);
            }
        });
        if (trouble.isEmpty()) {
            fail("Not noticed: %s of %s", fault, key);
        }
        assertReadsRight(key, fault);
    }

    private static void content(Repository opened, String key) {
        ObjectName name = ObjectName.of(key);
        if (name instanceof ObjectName.Lease) {
            opened.leases();
        } else if (name.type().isPresent()) {
            new ContentLook(opened, Nothing.INSTANCE, Clock.systemUTC()).check(name);
        } else if (!key.equals(ObjectName.REPOSITORY)) {
            new Verifier(opened, Clock.systemUTC(), 1)
                    .verify(Level.LISTING, List.of())
                    .requireSound();
        }
    }

    private void assertReadsRight(String key, String fault) {
        troubleOf(() -> {
            try (Repository opened = small.open(small.store)) {
                ObjectName name = ObjectName.of(key);
                if (name instanceof ObjectName.Wal) {
                    assertWalReads(opened, key, fault);
                } else {
                    small.contents()
                            .forEach((backup, files) -> assertRestores(opened, backup, files, key + " " + fault));
                }
                if (name.type().isEmpty()) {
                    small.walContents().keySet().forEach(wal -> assertWalReads(opened, wal, fault));
                }
            }
        });
    }

    private void assertWalReads(Repository opened, String key, String fault) {
        troubleOf(() -> {
            byte[] read = SmallRepository.readWal(opened, key);
            assertThat(Arrays.equals(read, small.walContents().get(key)))
                    .as("%s of %s", fault, key)
                    .isTrue();
        });
    }

    private static void assertRestores(Repository opened, String backup, Map<String, byte[]> files, String fault) {
        troubleOf(() -> {
            Map<String, byte[]> restored = SmallRepository.restore(opened, backup);
            assertThat(restored.keySet()).as(fault).isEqualTo(files.keySet());
            restored.forEach((name, content) -> assertThat(Arrays.equals(content, files.get(name)))
                    .as("%s, read %s of %s", fault, name, backup)
                    .isTrue());
        });
    }

    private void assertEverythingReads() {
        try (Repository opened = small.open(small.store)) {
            small.contents().forEach((backup, files) -> SmallRepository.restore(opened, backup));
            small.walContents().keySet().forEach(key -> SmallRepository.readWal(opened, key));
            Verifier verifier = new Verifier(opened, Clock.systemUTC(), 1);
            assertThat(verifier.verify(Level.INDEXES, List.of(SOURCE))
                            .levels()
                            .get(0)
                            .problems())
                    .isEmpty();
        }
    }

    /** The code, if it fails with one; every other failure is one of the test. */
    private static Optional<String> troubleOf(Runnable action) {
        try {
            action.run();
            return Optional.empty();
        } catch (RepositoryException e) {
            return named(e, e.code(), e.hint());
        } catch (StoreException e) {
            return named(e, e.code(), e.hint());
        }
    }

    private static Optional<String> named(RuntimeException e, String code, String hint) {
        assertThat(hint).isNotBlank();
        assertThat(String.valueOf(e.getMessage())).containsPattern(OBJECT);
        return Optional.of(code);
    }

    /** Remembers nothing. */
    private enum Nothing implements VerifiedObjects {
        INSTANCE;

        @Override
        public Reading read() {
            throw new UnsupportedOperationException("One object is looked at here");
        }

        @Override
        public void verified(ObjectInfo object, Instant time) {
            throw new UnsupportedOperationException("One object is looked at here");
        }

        @Override
        public void unsound(ObjectInfo object) {
            throw new UnsupportedOperationException("One object is looked at here");
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
