package dev.muster.sources.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.muster.repository.BackupWriter;
import dev.muster.repository.EntryPath;
import dev.muster.sources.Progress;
import dev.muster.sources.TestStore;
import dev.muster.sources.filesystem.FileFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileReaderTest {
    @TempDir
    Path folder;

    @Test
    void aFileThatBecameANamedPipeWhileItWaitedIsNamedAndNotOpened() throws Exception {
        Path path = Files.writeString(folder.resolve("file"), "content");
        FileTask task = new FileTask(path, EntryPath.of("file"), FileFacts.of(path), Optional.empty());
        Files.delete(path);
        assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor())
                .isZero();
        FileBackupResult result = new FileBackupResult();
        try (TestStore store = TestStore.create(folder);
                BackupWriter writer = store.writer();
                FileReader reader = new FileReader(
                        writer,
                        Ancestors.of(Optional.empty()),
                        new LinkGroups(writer),
                        result,
                        TestStore.LATER,
                        Progress.NONE)) {
            assertTimeoutPreemptively(Duration.ofSeconds(20), () -> reader.accept(task));
        }
        assertThat(result.vanished().names()).containsExactly("file");
    }
}
