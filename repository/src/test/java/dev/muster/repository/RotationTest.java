package dev.muster.repository;

import static dev.muster.repository.TestRepository.SOURCE;
import static dev.muster.repository.TestRepository.random;
import static dev.muster.repository.TestRepository.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.encryption.EncryptedStore;
import dev.muster.repository.keys.KeyFile;
import dev.muster.repository.keys.RepositoryKeys;
import dev.muster.repository.keys.Rotation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotationTest {
    @TempDir
    private Path directory;

    @Test
    @DisplayName(
            "Repository and stores 4: the key is rotated in the middle of a backup, and all backups restore byte by byte")
    void duringBackup() throws IOException {
        Map<String, byte[]> before = Map.of("one", text(300_000, 1), "zeros", new byte[200_000]);
        Map<String, byte[]> during = Map.of("two", random(150_000, 2));
        try (TestRepository test = new TestRepository(directory)) {
            KeyFile safe = KeyFile.generate(directory.resolve("safe.key"));
            RepositoryKeys keys = Repository.keys(test.store, List.of(test.key), Clock.systemUTC());
            CommittedBackup running;
            String rotated;
            try (BackupWriter backup = test.start()) {
                try (PackWriter pack = backup.pack()) {
                    before.forEach((name, content) -> TestRepository.add(backup, pack, name, content));
                }
                rotated = keys.rotate(new Rotation(null, List.of(test.key, safe), false));
                try (PackWriter pack = backup.pack()) {
                    during.forEach((name, content) -> TestRepository.add(backup, pack, name, content));
                }
                running = backup.commit(TestRepository.json("label", "running"));
            }
            CommittedBackup next = increment(test, running, "three", random(1_000, 3));

            assertThat(kids(test, running)).hasSize(1).doesNotContain(rotated);
            assertThat(kids(test, next)).containsExactly(rotated);
            Map<String, byte[]> all = new TreeMap<>(before);
            all.putAll(during);
            try (Repository later = Repository.open(test.store, KeyFile.read(test.key.path()))) {
                assertRestores(later, running, all);
                all.put("three", random(1_000, 3));
                assertRestores(later, next, all);
            }
            // The packs of its parent are under a key that the one in the safe was never given.
            assertThat(keys.add(safe)).hasSize(1);
            try (Repository offline = Repository.open(test.store, safe)) {
                assertRestores(offline, next, all);
            }
        }
    }

    /** By a process that opened the repository after the rotation. */
    private static CommittedBackup increment(TestRepository test, CommittedBackup parent, String name, byte[] content) {
        try (Repository later = Repository.open(test.store, test.key)) {
            List<Entry> old = new ArrayList<>();
            later.backup(SOURCE, parent.id()).entries(old::add);
            BackupRequest request = new BackupRequest(
                            SOURCE, BackupKind.INCREMENTAL, "host-2", TestRepository.json("server", "18.6"))
                    .withParent(parent.id());
            try (BackupWriter backup = later.startBackup(request)) {
                old.forEach(entry -> backup.unchangedFile(entry, entry));
                try (PackWriter pack = backup.pack()) {
                    TestRepository.add(backup, pack, name, content);
                }
                return backup.commit(TestRepository.json("label", "next"));
            }
        }
    }

    private static Set<String> kids(TestRepository test, CommittedBackup backup) {
        Set<String> kids = new TreeSet<>();
        test.store.list(
                "src/" + SOURCE + "/b/" + backup.id() + "/",
                object -> kids.add(EncryptedStore.kidOf(test.store, object)));
        return kids;
    }

    private static void assertRestores(Repository repository, CommittedBackup backup, Map<String, byte[]> expected) {
        assertThat(repository.verify(SOURCE, backup.id(), 2).sound()).isTrue();
        Map<String, byte[]> restored = TestRepository.restore(repository, backup.id());
        assertThat(restored).containsOnlyKeys(expected.keySet());
        expected.forEach((name, content) -> assertThat(restored.get(name)).isEqualTo(content));
    }
}
