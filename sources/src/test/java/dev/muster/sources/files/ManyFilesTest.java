package dev.muster.sources.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.sources.Child;
import dev.muster.sources.TestStore;
import dev.muster.storage.testing.Thorough;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Thorough
class ManyFilesTest {
    private static final int FILES = 100_000;

    @TempDir
    Path folder;

    @Test
    void aHundredThousandFilesNeedNoMoreHeapThanAFew() throws Exception {
        try (TestStore store = TestStore.create(folder)) {
            for (int i = 0; i < FILES; i++) {
                Path directory = store.tree().resolve("d" + i % 100);
                if (i < 100) {
                    Files.createDirectory(directory);
                }
                Files.writeString(directory.resolve("file-with-a-rather-long-name-" + i), "content of " + i);
            }
            String first = timed("full", "backup", folder.toString());
            assertThat(first).contains(FILES + " files, 0 unchanged");
            String second = timed("unchanged", "backup", folder.toString());
            assertThat(second).contains(FILES + " files, " + FILES + " unchanged");
            String id = second.lines().findFirst().orElseThrow();
            assertThat(timed("restore", "restore", folder.toString(), id, folder + "/copy"))
                    .contains("restored");
            assertThat(timed("diff", "diff", folder.toString(), id, folder + "/copy"))
                    .isEqualTo("compared\n");
        }
    }

    private static String timed(String what, String... arguments) throws Exception {
        long begun = System.nanoTime();
        // What an empty program of these libraries takes, and the index of so many files: 4 MB.
        Child.Said said = Child.run(List.of(), Map.of(), "64m", arguments);
        Thorough.Loud.say(what + " of " + FILES + " files with 64 MB of heap: "
                + (System.nanoTime() - begun) / 1_000_000 + " ms");
        assertThat(said.exit()).as(said.text()).isZero();
        return said.text();
    }
}
