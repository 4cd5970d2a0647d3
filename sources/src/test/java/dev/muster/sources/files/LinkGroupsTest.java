package dev.muster.sources.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.BackupWriter;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.sources.TestStore;
import dev.muster.sources.filesystem.FileFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinkGroupsTest {
    @TempDir
    Path folder;

    private static FileTask task(String name, FileFacts facts) {
        return new FileTask(Path.of(name), EntryPath.of(name), facts, Optional.empty());
    }

    @Test
    void aFileThatGotTheInodeOfOneThatIsGoneIsNotTakenForAnotherNameOfIt() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "content");
        Files.createLink(folder.resolve("elsewhere"), file);
        FileFacts old = FileFacts.of(file);
        FileFacts young = new FileFacts(
                old.kind(),
                old.mode(),
                old.device(),
                old.inode(),
                old.links(),
                old.uid(),
                old.gid(),
                old.size(),
                old.modified(),
                old.changed().plusNanos(1));
        try (TestStore store = TestStore.create(folder);
                BackupWriter writer = store.writer()) {
            LinkGroups links = new LinkGroups(writer);
            assertThat(links.join(task("old", old))).isEqualTo(LinkGroups.Joined.NO);
            links.stored(task("old", old), Entry.file(EntryPath.of("old"), 0600, 0), List.of());
            assertThat(links.join(task("young", young))).isEqualTo(LinkGroups.Joined.NO);
            assertThat(links.join(task("another", old))).isEqualTo(LinkGroups.Joined.STORED);
        }
    }
}
