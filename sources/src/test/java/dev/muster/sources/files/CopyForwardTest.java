package dev.muster.sources.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.expiry.DeadPacks;
import dev.muster.repository.expiry.Expiry;
import dev.muster.repository.expiry.ExpiryProgress;
import dev.muster.repository.expiry.ExpirySettings;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.RetentionRules;
import dev.muster.sources.TestStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyForwardTest {
    private static final int FILES = 40;
    private static final int SIZE = 100_000;

    @TempDir
    private Path folder;

    private static void expireAllButTheLast(TestStore store) {
        RetentionPolicy policy = new RetentionPolicy(RetentionRules.last(1), ZoneOffset.UTC);
        Expiry expiry = new Expiry(store.repository(), TestStore.SOURCE, policy, ExpirySettings.defaults());
        expiry.apply(expiry.plan(), ExpiryProgress.NONE);
    }

    private static List<String> packsOf(TestStore store, String backup) {
        List<String> packs = new ArrayList<>();
        store.repository()
                .store()
                .list("src/" + TestStore.SOURCE + "/b/" + backup + "/p-", one -> packs.add(one.key()));
        return packs;
    }

    @Test
    @DisplayName("What little is needed of an expired backup's packs is stored again, and then the packs go")
    void packsGo() throws IOException {
        try (TestStore store = TestStore.create(folder)) {
            for (int i = 0; i < FILES; i++) {
                store.write("f" + i, TestStore.random(SIZE, i));
            }
            String first = store.backup().backupId();
            for (int i = 3; i < FILES; i++) {
                store.write("f" + i, TestStore.random(SIZE, 1000 + i));
            }
            FileBackupResult second = store.backup();
            assertThat(second.copiedForwardBytes()).isZero();
            expireAllButTheLast(store);
            assertThat(packsOf(store, first)).isNotEmpty();

            FileBackupResult third = store.backup();
            assertThat(third.copiedForwardBytes()).isEqualTo(3L * SIZE);
            assertThat(third.readBytes()).isEqualTo(3L * SIZE);
            assertThat(third.unchangedFiles()).isEqualTo(FILES - 3);
            expireAllButTheLast(store);
            assertThat(packsOf(store, first)).isEmpty();
            assertThat(packsOf(store, second.backupId())).isNotEmpty();
            assertThat(DeadPacks.of(store.repository(), TestStore.SOURCE).packs())
                    .isEmpty();

            store.repository().verify(TestStore.SOURCE, third.backupId(), 2).requireSound();
            Path copy = folder.resolve("copy");
            store.restore(third.backupId(), copy);
            for (int i = 0; i < FILES; i++) {
                assertThat(copy.resolve("f" + i))
                        .hasBinaryContent(Files.readAllBytes(store.tree().resolve("f" + i)));
            }
        }
    }

    @Test
    @DisplayName("An increment stores no more than a tenth of its content again for that")
    void bounded() throws IOException {
        try (TestStore store = TestStore.create(folder)) {
            for (int i = 0; i < FILES; i++) {
                store.write("f" + i, TestStore.random(SIZE, i));
            }
            String first = store.backup().backupId();
            for (int i = 6; i < FILES; i++) {
                store.write("f" + i, TestStore.random(SIZE, 1000 + i));
            }
            store.backup();
            expireAllButTheLast(store);
            assertThat(DeadPacks.of(store.repository(), TestStore.SOURCE).packs())
                    .isNotEmpty();

            // Whether it is in one pack or in one for each thread: all of it would be 600,000 of 4,000,000 bytes.
            FileBackupResult third = store.backup();
            assertThat(third.copiedForwardBytes()).isLessThanOrEqualTo(FILES * SIZE / 10);
            assertThat(packsOf(store, first)).isNotEmpty();
        }
    }
}
