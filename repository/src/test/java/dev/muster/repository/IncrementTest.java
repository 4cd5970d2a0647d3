package dev.muster.repository;

import static dev.muster.repository.TestRepository.SOURCE;
import static dev.muster.repository.TestRepository.json;
import static dev.muster.repository.TestRepository.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IncrementTest {
    private static final int FRAME = 128 << 10;
    private static final int BLOCK = 8192;

    @TempDir
    private Path directory;

    private TestRepository test;

    @BeforeEach
    void create() throws IOException {
        test = new TestRepository(directory);
    }

    @AfterEach
    void close() {
        test.close();
    }

    private byte[] content(String backup, String path) {
        BackupReader reader = test.repository.backup(SOURCE, backup);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        reader.entries(entry -> {
            if (entry.path().toString().equals(path)) {
                try {
                    reader.copy(entry, new RunSink() {
                        @Override
                        public void zeros(long fileOffset, int length) {
                            content.writeBytes(new byte[length]);
                        }

                        @Override
                        public void bytes(long fileOffset, byte[] bytes, int offset, int length) {
                            content.write(bytes, offset, length);
                        }
                    });
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        return content.toByteArray();
    }

    private Entry entry(BackupReader reader) {
        List<Entry> found = new ArrayList<>();
        reader.entries(found::add);
        return found.get(0);
    }

    @Test
    @DisplayName(
            "A file may be an old backup's stretch, parts of its frames around a new block, and a stretch of zeros")
    void aFileOfOldAndNew() {
        byte[] old = random(4 * FRAME, 1);
        byte[] changed = random(BLOCK, 2);
        String parent;
        try (BackupWriter backup = test.start();
                PackWriter pack = backup.pack()) {
            List<MapRef> maps = new ArrayList<>();
            for (int stretch = 0; stretch < 2; stretch++) {
                List<Run> runs = new ArrayList<>();
                for (int at = stretch * 2 * FRAME; at < (stretch + 1) * 2 * FRAME; at += FRAME) {
                    runs.add(pack.run(at, old, at, FRAME));
                }
                maps.add(backup.stretch(runs));
            }
            backup.fileOfMaps(Entry.file(EntryPath.of("t"), 0600, old.length), maps);
            pack.close();
            parent = backup.commit(json("label", "full")).id();
        }
        BackupReader reader = test.repository.backup(SOURCE, parent);
        Entry then = entry(reader);
        int at = 2 * FRAME + 5 * BLOCK;
        assertThat(reader.runs(then, 2 * FRAME + 10, 2 * FRAME + 20))
                .singleElement()
                .satisfies(run -> {
                    assertThat(run.offset()).isEqualTo(2 * FRAME + 10);
                    assertThat(run.length()).isEqualTo(10);
                });
        String increment;
        try (BackupWriter backup =
                        test.repository.startBackup(TestRepository.request().withParent(parent));
                PackWriter pack = backup.pack()) {
            List<Run> runs = new ArrayList<>(reader.runs(then, 2 * FRAME, at));
            runs.add(pack.run(at, changed, 0, BLOCK));
            runs.addAll(reader.runs(then, at + BLOCK, 4 * FRAME));
            MapRef second = backup.stretch(runs);
            MapRef zeros = backup.stretch(List.of(new Run.Zeros(4 * FRAME, 3 * BLOCK)));
            backup.fileOfMaps(
                    Entry.file(EntryPath.of("t"), 0600, 4 * FRAME + 3 * BLOCK),
                    List.of(then.maps().get(0), second, zeros));
            pack.close();
            increment = backup.commit(json("label", "increment")).id();
        }
        byte[] expected = new byte[4 * FRAME + 3 * BLOCK];
        System.arraycopy(old, 0, expected, 0, old.length);
        System.arraycopy(changed, 0, expected, at, BLOCK);
        assertThat(content(increment, "t")).isEqualTo(expected);
        assertThat(test.repository.verify(SOURCE, increment, 2).problems()).isEmpty();
    }

    @Test
    @DisplayName("Stretches that leave a gap or do not make up the file are refused")
    void gapsAreRefused() {
        try (BackupWriter backup = test.start()) {
            Run first = new Run.Zeros(0, 10);
            assertThatThrownBy(() -> backup.stretch(List.of(first, new Run.Zeros(11, 5))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("gap at byte 10");
            assertThatThrownBy(() -> backup.stretch(List.of())).isInstanceOf(IllegalArgumentException.class);
            MapRef map = backup.stretch(List.of(first));
            Entry longer = Entry.file(EntryPath.of("t"), 0600, 11);
            assertThatThrownBy(() -> backup.fileOfMaps(longer, List.of(map)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> backup.fileOfMaps(longer, List.of())).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    @DisplayName(
            "Whole packs of a backup that died may be used by another writer; aborted, committed, damaged ones not")
    void packsOfTheDead() throws IOException {
        byte[] bytes = random(FRAME, 3);
        BackupRequest small = TestRepository.request().withPackSize(1);
        String dead;
        FrameRef stored;
        try (BackupWriter backup = test.repository.startBackup(small);
                PackWriter pack = backup.pack()) {
            dead = backup.id();
            stored = pack.frame(bytes, 0, FRAME);
            pack.frame(random(FRAME, 4), 0, FRAME);
        }
        Path second = test.folder.resolve("src/" + SOURCE + "/b/" + dead + "/p-00000001.pack");
        Files.write(second, new byte[] {1, 2, 3});
        String committed = test.backup(java.util.Map.of("f", bytes)).id();
        String next;
        try (BackupWriter backup = test.start();
                PackWriter pack = backup.pack()) {
            UnfinishedBackups unfinished = test.repository.unfinished(backup);
            assertThat(unfinished.ids()).containsExactly(dead).doesNotContain(committed, backup.id());
            List<FrameRef> found = new ArrayList<>();
            unfinished.frames(dead, found::add);
            assertThat(found).containsExactly(stored);
            backup.file(Entry.file(EntryPath.of("f"), 0600, FRAME), found);
            pack.close();
            next = backup.commit(json("label", "resumed")).id();
        }
        assertThat(content(next, "f")).isEqualTo(bytes);
        assertThat(test.repository.abortBackup(SOURCE, dead)).isTrue();
        try (BackupWriter backup = test.start()) {
            assertThat(test.repository.unfinished(backup).ids()).isEmpty();
        }
    }

    @Test
    @DisplayName("A backup whose COMMIT an expiry has taken away is not mistaken for one that died (repository 2)")
    void anExpiringBackupIsNotDead() throws IOException {
        String expiring = test.backup(java.util.Map.of("f", random(FRAME, 5))).id();
        Files.delete(test.folder.resolve("src/" + SOURCE + "/b/" + expiring + "/COMMIT"));
        try (BackupWriter backup = test.start()) {
            assertThat(test.repository.unfinished(backup).ids()).isEmpty();
        }
        try (var leases = Files.walk(test.folder.resolve("lease"))) {
            leases.filter(path -> path.toString().endsWith(expiring))
                    .forEach(path -> path.toFile().delete());
        }
        Files.delete(test.folder.resolve("src/" + SOURCE + "/b/" + expiring + "/manifest"));
        try (BackupWriter backup = test.start()) {
            assertThat(test.repository.unfinished(backup).ids()).isEmpty();
        }
    }
}
