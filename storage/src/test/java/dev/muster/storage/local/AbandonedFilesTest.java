package dev.muster.storage.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.storage.ObjectWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AbandonedFilesTest {
    @TempDir
    private Path folder;

    @Test
    @DisplayName("What a dead writer left goes after 30 days; objects, other people's files and writers at work stay")
    void old() throws IOException {
        LocalStore store = LocalStore.open(folder);
        store.create("a/object", new ByteArrayInputStream(new byte[] {1}));
        Instant now = Instant.now();
        try (ObjectWriter writer = store.create("a/b/dead");
                ObjectWriter alive = store.create("a/alive")) {
            Path left = AbandonedFiles.find(folder, now.plus(Duration.ofDays(31))).stream()
                    .filter(file -> file.startsWith(folder.resolve("a/b")))
                    .findFirst()
                    .orElseThrow();
            Path foreign = Files.createFile(folder.resolve("a/.nfs0001"));
            for (Path file : List.of(left, foreign, folder.resolve("a/object"))) {
                Files.setLastModifiedTime(file, FileTime.from(now.minus(Duration.ofDays(29))));
            }
            assertThat(AbandonedFiles.delete(folder, now)).isZero();
            for (Path file : List.of(left, foreign, folder.resolve("a/object"))) {
                Files.setLastModifiedTime(file, FileTime.from(now.minus(Duration.ofDays(31))));
            }
            assertThat(AbandonedFiles.find(folder, now)).containsExactly(left);
            assertThat(AbandonedFiles.delete(folder, now)).isEqualTo(1);
            assertThat(left).doesNotExist();
            assertThat(foreign).exists();
            alive.commit();
        }
        assertThat(store.find("a/object")).isPresent();
        assertThat(store.find("a/alive")).isPresent();
    }
}
