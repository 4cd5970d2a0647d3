package dev.muster.sources.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.LinkTarget;
import dev.muster.repository.PackWriter;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.Run;
import dev.muster.sources.Child;
import dev.muster.sources.SourceException;
import dev.muster.sources.TestStore;
import dev.muster.sources.diff.Difference;
import dev.muster.sources.diff.TreeDiff;
import dev.muster.sources.files.FileRules;
import dev.muster.sources.filesystem.FileFacts;
import dev.muster.storage.testing.DurableCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeRestoreTest {
    @TempDir
    Path folder;

    private TestStore store;
    private Path target;
    private Path outside;

    @BeforeEach
    void create() throws IOException {
        store = TestStore.create(folder);
        target = folder.resolve("target");
        outside = Files.createDirectory(folder.resolve("outside"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static void refused(String code, Runnable action) {
        assertThatThrownBy(action::run)
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
    }

    /** A backup as somebody malicious would make one. */
    private String forged(Consumer<BackupWriter> entries) {
        BackupRequest request = new BackupRequest(
                TestStore.SOURCE,
                BackupKind.FULL,
                "test",
                JsonNodeFactory.instance.objectNode().put("what", "files"));
        try (BackupWriter writer = store.repository().startBackup(request)) {
            entries.accept(writer);
            return writer.commit(JsonNodeFactory.instance.objectNode().put("what", "files"))
                    .id();
        }
    }

    private static void file(BackupWriter writer, String path, int mode) {
        byte[] content = {'e', 'v', 'i', 'l'};
        try (PackWriter pack = writer.pack()) {
            List<Run> runs = List.of(pack.run(0, content, 0, content.length));
            writer.fileOfRuns(Entry.file(EntryPath.of(path), mode, content.length), runs);
        }
    }

    @Test
    @DisplayName("Repository 7: nothing is written through a link that the backup itself brings")
    void nothingIsWrittenThroughALinkOfTheBackup() {
        String id = forged(writer -> {
            writer.add(Entry.symlink(EntryPath.of("d"), LinkTarget.of(outside.toString())));
            file(writer, "d/x", 0644);
        });
        refused("RESTORE_IN_THE_WAY", () -> store.restore(id, target));
        assertThat(outside).isEmptyDirectory();
        // And once more, over what the first attempt left.
        refused("RESTORE_IN_THE_WAY", () -> store.restore(id, target));
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    @DisplayName("Repository 7: nothing is written through a link that was in the target before")
    void nothingIsWrittenThroughALinkInTheTarget() throws IOException {
        store.write("d/x", "new");
        String id = store.backup().backupId();
        Files.createDirectory(target);
        Files.createSymbolicLink(target.resolve("d"), outside);
        refused("RESTORE_THROUGH_LINK", () -> store.restore(id, store.overwriting(target)));
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    @DisplayName("Repository 7: a link in the place of a file is replaced, and what it points to stays as it is")
    void aLinkInThePlaceOfAFileIsReplacedNotFollowed() throws IOException {
        store.write("x", "new");
        String id = store.backup().backupId();
        Files.createDirectory(target);
        Path victim = Files.writeString(outside.resolve("victim"), "old");
        Files.createSymbolicLink(target.resolve("x"), victim);
        store.restore(id, store.overwriting(target));
        assertThat(victim).hasContent("old");
        assertThat(target.resolve("x")).hasContent("new").isRegularFile();
        assertThat(Files.isSymbolicLink(target.resolve("x"))).isFalse();
    }

    @Test
    @DisplayName("Repository 7: setuid and setgid come back only when they are asked for")
    void setuidIsTakenAwayUnlessAskedFor() throws IOException {
        String id = forged(writer -> file(writer, "tool", 06755));
        TreeRestoreResult result = store.restore(id, target);
        assertThat(FileFacts.of(target.resolve("tool")).mode()).isEqualTo(0755);
        assertThat(result.withoutSpecialBits().names()).containsExactly("tool");
        if (RestoreSettings.isRoot()) {
            Path other = folder.resolve("other");
            store.restore(id, new RestoreSettings(other, 1, false, true, true, List.of()));
            assertThat(FileFacts.of(other.resolve("tool")).mode()).isEqualTo(06755);
        }
    }

    @Test
    void aTargetThatHoldsSomethingIsRefusedAndLeftAsItIs() throws IOException {
        store.write("x", "new");
        String id = store.backup().backupId();
        Files.createDirectory(target);
        Files.writeString(target.resolve("mine"), "mine");
        refused("TARGET_NOT_EMPTY", () -> store.restore(id, target));
        assertThat(target).isDirectoryContaining(path -> path.endsWith("mine"));
        assertThat(target.toFile().list()).hasSize(1);
    }

    @Test
    void overwritingTouchesOnlyWhatDiffersAndFetchesOnlyWhatIsMissing() throws IOException {
        byte[] large = TestStore.random(4 << 20, 1);
        store.write("large", large);
        store.write("same", "same");
        store.write("gone", "gone");
        String id = store.backup().backupId();
        store.restore(id, target);
        FileFacts untouched = FileFacts.of(target.resolve("same"));
        byte[] broken = large.clone();
        broken[3_000_000]++;
        Files.write(target.resolve("large"), broken);
        Files.delete(target.resolve("gone"));
        Files.writeString(target.resolve("mine"), "mine");

        TreeRestoreResult result = store.restore(id, store.overwriting(target));
        assertThat(result.writtenFiles()).isEqualTo(2);
        assertThat(result.fetchedBytes()).isLessThan(200_000);
        assertThat(target.resolve("large")).hasBinaryContent(large);
        assertThat(target.resolve("mine")).hasContent("mine");
        assertThat(FileFacts.of(target.resolve("same")).changed()).isEqualTo(untouched.changed());
    }

    @Test
    void onlyModeAndTimeAreMendedWhereContentIsRight() throws IOException {
        Path file = store.write("x", "x");
        String id = store.backup().backupId();
        store.restore(id, target);
        Files.setLastModifiedTime(target.resolve("x"), FileTime.fromMillis(0));
        TreeRestoreResult result = store.restore(id, store.overwriting(target));
        assertThat(result.writtenFiles()).isZero();
        assertThat(Files.getLastModifiedTime(target.resolve("x"))).isEqualTo(Files.getLastModifiedTime(file));
    }

    @Test
    void anInterruptedRestoreGoesOnAndLeavesNothingOfItsOwn() throws IOException {
        for (int i = 0; i < 300; i++) {
            store.write("d" + i % 7 + "/f" + i, TestStore.random(20_000, i));
        }
        String id = store.backup().backupId();
        int[] left = {100};
        assertThatThrownBy(() -> new TreeRestore(store.repository(), TestStore.SOURCE, id, RestoreSettings.into(target))
                        .run((files, bytes) -> {
                            if (--left[0] < 0) {
                                throw new UncheckedIOException(new IOException("killed"));
                            }
                        }))
                .isInstanceOf(SourceException.class);
        TreeRestoreResult result = store.restore(id, target);
        assertThat(result.files()).isEqualTo(300);
        assertThat(result.writtenFiles()).isBetween(1L, 210L);
        try (var names = Files.walk(target)) {
            assertThat(names.filter(Files::isRegularFile))
                    .hasSize(300)
                    .noneMatch(path -> path.getFileName().toString().startsWith(".muster"));
        }
    }

    @Test
    @DisplayName("Repository 1: a restore that is killed leaves only whole files, and goes on when it is called again")
    void aKilledRestoreLeavesOnlyWholeFilesAndGoesOn() throws Exception {
        for (int i = 0; i < 400; i++) {
            store.write("d" + i % 7 + "/f" + i, TestStore.random(40_000, i));
        }
        String id = store.backup().backupId();
        Process child = Child.start(List.of(), Map.of(), "128m", "restore", folder.toString(), id, target.toString());
        Path seventh = target.resolve("d6");
        while (child.isAlive() && (!Files.exists(seventh) || names(seventh) < 8)) {
            Thread.onSpinWait();
        }
        child.destroyForcibly().waitFor();
        assertThat(target.resolve(".muster-restoring")).exists();
        try (var paths = Files.walk(target)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                if (path.getFileName().toString().startsWith("f")) {
                    assertThat(path).hasSameBinaryContentAs(store.tree().resolve(target.relativize(path)));
                }
            }
        }
        assertThat(store.restore(id, target).writtenFiles()).isBetween(1L, 399L);
        List<Difference> differences = new ArrayList<>();
        new TreeDiff(store.reader(id), target, FileRules.defaults(), true, differences::add).run();
        assertThat(differences).isEmpty();
    }

    @Test
    @DisplayName("Repository 1: whenever the power is lost, a restored tree without its marker is whole")
    void whatIsWithoutItsMarkerOutlivesALossOfPower() throws Exception {
        for (int i = 0; i < 20; i++) {
            store.write("d" + i % 3 + "/deep/f" + i, TestStore.random(10_000, i));
        }
        String id = store.backup().backupId();
        Path real = Files.createDirectories(target).toRealPath();
        DurableCalls calls = new DurableCalls(real, Optional.of(".muster-restoring"));
        calls.trace(folder.resolve("trace"), Child.class, "restore", folder.toString(), id, real.toString());
        assertThat(real.resolve("d1/deep/f1")).exists();
        assertThat(calls.syncs()).isGreaterThan(25);
        assertThat(calls.faults()).isEmpty();
    }

    private static long names(Path directory) throws IOException {
        try (var names = Files.list(directory)) {
            return names.count();
        }
    }

    @Test
    void onlyTheWantedPathsComeBack() throws IOException {
        store.write("a/x", "x");
        store.write("a/b/y", "y");
        store.write("ab/z", "z");
        String id = store.backup().backupId();
        RestoreSettings only =
                new RestoreSettings(target, 1, false, false, false, List.of(EntryPath.of("a/b"), EntryPath.of("a/x")));
        store.restore(id, only);
        assertThat(target.resolve("a/b/y")).hasContent("y");
        assertThat(target.resolve("a/x")).hasContent("x");
        assertThat(target.resolve("ab")).doesNotExist();
        refused(
                "PATH_NOT_IN_BACKUP",
                () -> store.restore(
                        id,
                        new RestoreSettings(
                                folder.resolve("no"), 1, false, false, false, List.of(EntryPath.of("nothing")))));
        // One of several that was mistyped would be missed when it is too late.
        refused(
                "PATH_NOT_IN_BACKUP",
                () -> store.restore(
                        id,
                        new RestoreSettings(
                                folder.resolve("no"),
                                1,
                                false,
                                false,
                                false,
                                List.of(EntryPath.of("a/x"), EntryPath.of("a/nothing")))));
        assertThat(folder.resolve("no")).doesNotExist();
    }

    @Test
    @DisplayName("Repository 4: a flipped bit is named with the file, and the file is not brought back")
    void damageIsNamedWithTheFile() throws IOException {
        store.write("a", TestStore.random(100_000, 1));
        String id = store.backup().backupId();
        Path pack;
        try (var paths = Files.walk(folder.resolve("store"))) {
            pack = paths.filter(path -> path.toString().endsWith(".pack"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(pack);
        bytes[50_000] ^= 1;
        pack.toFile().setWritable(true);
        Files.write(pack, bytes);
        assertThatThrownBy(() -> store.restore(id, target)).isInstanceOfSatisfying(RepositoryException.class, e -> {
            assertThat(e.code()).isEqualTo("OBJECT_DAMAGED");
            assertThat(e).hasMessageContaining("The file a ");
        });
        assertThat(target.resolve("a")).doesNotExist();
    }
}
