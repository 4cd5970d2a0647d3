package dev.muster.sources.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.sources.TestStore;
import dev.muster.sources.files.FileBackup;
import dev.muster.sources.files.FileRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiffTest {
    @TempDir
    Path folder;

    private TestStore store;

    @BeforeEach
    void create() throws IOException {
        store = TestStore.create(folder);
        store.write("same", "same");
        store.write("d/content", "before");
        store.write("d/mode", "a");
        store.write("gone", "a");
        Files.createSymbolicLink(store.tree().resolve("link"), Path.of("same"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void change() throws IOException {
        Path content = store.tree().resolve("d/content");
        FileTime time = Files.getLastModifiedTime(content);
        Files.writeString(content, "behind");
        Files.setLastModifiedTime(content, time);
        Files.setPosixFilePermissions(store.tree().resolve("d/mode"), PosixFilePermissions.fromString("rwx------"));
        FileTime root = Files.getLastModifiedTime(store.tree());
        Files.delete(store.tree().resolve("gone"));
        store.write("fresh", "a");
        Files.delete(store.tree().resolve("link"));
        Files.createSymbolicLink(store.tree().resolve("link"), Path.of("fresh"));
        Files.setLastModifiedTime(store.tree(), root);
    }

    private static Difference both(String path, Difference.Aspect aspect) {
        return new Difference(path, Difference.Side.BOTH, Set.of(aspect));
    }

    private static final List<Difference> EXPECTED = List.of(
            both("d/content", Difference.Aspect.CONTENT),
            both("d/mode", Difference.Aspect.MODE),
            both("link", Difference.Aspect.TARGET),
            new Difference("gone", Difference.Side.FIRST, Set.of()),
            new Difference("fresh", Difference.Side.SECOND, Set.of()));

    private List<Difference> withDirectory(String backup) {
        List<Difference> found = new ArrayList<>();
        new TreeDiff(store.reader(backup), store.tree(), FileRules.defaults(), true, found::add).run();
        return found;
    }

    @Test
    void everyDifferenceBetweenABackupAndADirectoryIsSaid() throws IOException {
        String id = store.backup().backupId();
        assertThat(withDirectory(id)).isEmpty();
        change();
        store.write(".env", "a secret is not expected in the backup");
        Files.setLastModifiedTime(
                store.tree(), FileTime.from(store.entry(id, ".").modified()));
        assertThat(withDirectory(id)).containsExactlyInAnyOrderElementsOf(EXPECTED);
    }

    @Test
    void everyDifferenceBetweenTwoBackupsIsSaidHoweverTheyWereMade() throws IOException {
        String first = store.backup().backupId();
        FileBackup.Settings all = store.settings();
        String same = store.backup(
                        new FileBackup.Settings(all.root(), all.writer(), 1, 19, all.rules(), false, false, true))
                .backupId();
        assertThat(between(first, same)).isEmpty();
        change();
        assertThat(between(first, store.backup().backupId())).containsExactlyInAnyOrderElementsOf(EXPECTED);
    }

    private List<Difference> between(String first, String second) {
        List<Difference> found = new ArrayList<>();
        new BackupDiff(store.reader(first), store.reader(second), found::add).run();
        return found;
    }
}
