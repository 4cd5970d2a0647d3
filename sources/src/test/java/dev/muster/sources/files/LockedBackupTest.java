package dev.muster.sources.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.BackupKind;
import dev.muster.repository.CommittedBackup;
import dev.muster.sources.TestStore;
import dev.muster.storage.testing.LockingStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockedBackupTest {
    private final LockingStore locking = new LockingStore(Duration.ofDays(2), Clock.systemUTC());

    @TempDir
    private Path folder;

    @Test
    @DisplayName(
            "Repository and stores 6: where locks may not be extended, a tree's next backup refers to no older one")
    void fullWithoutTheRight() throws IOException {
        try (TestStore store = TestStore.create(folder, locking)) {
            store.write("same", TestStore.random(200_000, 1));
            store.backup();
            FileBackupResult second = store.backup();
            assertThat(second.parent()).isPresent();
            locking.denyExtending();
            FileBackupResult third = store.backup();
            assertThat(third.parent()).isEmpty();
            assertThat(third.readBytes()).isEqualTo(200_000);
            List<CommittedBackup> all = store.repository().backups(TestStore.SOURCE);
            assertThat(all.get(2).kind()).isEqualTo(BackupKind.FULL);
        }
    }

    @Test
    @DisplayName("Repository and stores 6: a tree is restored after somebody deleted every object of the store")
    void restoredAfterDeletion() throws IOException {
        try (TestStore store = TestStore.create(folder, locking)) {
            store.write("a", TestStore.random(300_000, 1));
            store.write("b", TestStore.random(300_000, 2));
            store.backup();
            store.write("b", TestStore.random(300_000, 3));
            String second = store.backup().backupId();
            List<String> keys = new ArrayList<>();
            locking.list("", object -> keys.add(object.key()));
            keys.forEach(locking::delete);

            Path copy = folder.resolve("copy");
            store.restore(second, copy);
            for (String name : List.of("a", "b")) {
                assertThat(copy.resolve(name))
                        .hasBinaryContent(Files.readAllBytes(store.tree().resolve(name)));
            }
            assertThat(store.repository().hidden()).isNotEmpty();
            // What is made now stands on what is hidden, and keeps it locked.
            assertThat(store.backup().parent()).contains(second);
        }
    }
}
