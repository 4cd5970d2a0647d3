package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.postgres.Progress;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.Entry;
import dev.muster.repository.Repository;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.Stores;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SAFETY "PostgreSQL recovery" 9. */
class FileCopierTest {
    private static final long UNIT = 64L << 20;

    @TempDir
    Path folder;

    private static void size(Path file, long size) {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.setLength(size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void filesOfLargeRelationsKnowTheirFirstBlockAndForksOfOtherRelationsAreNotMistakenForThem() throws Exception {
        Path base = Files.createDirectories(folder.resolve("data/base/5"));
        Files.writeString(folder.resolve("data/PG_VERSION"), "18\n");
        for (String name : new String[] {"16384", "16384.1", "16384.12", "16384_fsm", "16384_vm.1", "PG_VERSION"}) {
            Files.writeString(base.resolve(name), "x");
        }
        Map<String, Optional<Long>> blocks = new TreeMap<>();
        DataDirectory.list(folder.resolve("data"), 131_072).files().stream()
                .filter(file -> file.path().startsWith("base/5/"))
                .forEach(file -> blocks.put(file.path().substring("base/5/".length()), file.blocks()));
        assertThat(blocks)
                .containsEntry("16384", Optional.of(0L))
                .containsEntry("16384.1", Optional.of(131_072L))
                .containsEntry("16384.12", Optional.of(12 * 131_072L))
                .containsEntry("16384_fsm", Optional.of(0L))
                .containsEntry("16384_vm.1", Optional.of(131_072L))
                .containsEntry("PG_VERSION", Optional.empty());
    }

    @Test
    void filesThatShrinkVanishGrowOrComeBackDuringTheCopyAreNoErrors() throws Exception {
        Path data = Files.createDirectories(folder.resolve("data/base/5"));
        Files.writeString(folder.resolve("data/PG_VERSION"), "18\n");
        size(data.resolve("10000"), 3 * UNIT);
        size(data.resolve("20000"), 1000);
        size(data.resolve("30000"), 100);
        size(data.resolve("40000"), 8192);
        DataDirectory.Listing listing = DataDirectory.list(folder.resolve("data"), 131_072);
        Progress meanwhile = (done, total) -> {
            if (done > 0 && done <= 1 << 20) {
                size(data.resolve("10000"), UNIT + 5);
                size(data.resolve("20000"), 0);
                size(data.resolve("40000"), 3 * 8192);
                try {
                    Files.deleteIfExists(data.resolve("30000"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        Map<String, Long> sizes = new TreeMap<>();
        Files.createDirectories(folder.resolve("store"));
        String url = "file://" + folder.resolve("store").toAbsolutePath();
        try (Repository repository =
                Repository.create(Stores.open(url), KeyFile.generate(folder.resolve("key")), Clock.systemUTC())) {
            String id;
            try (BackupWriter writer = repository.startBackup(
                    new BackupRequest("orders", BackupKind.FULL, "test", JsonNodeFactory.instance.objectNode()))) {
                new FileCopier(
                                folder.resolve("data"),
                                listing.files(),
                                writer,
                                Optional.empty(),
                                8192,
                                Optional.empty(),
                                Optional.empty(),
                                new ReadMeter(OptionalLong.empty(), meanwhile))
                        .run(1);
                id = writer.commit(JsonNodeFactory.instance.objectNode()).id();
            }
            repository.backup("orders", id).entries(entry -> {
                if (entry.type() == Entry.Type.FILE) {
                    sizes.put(entry.path().toString(), entry.size());
                }
            });
            assertThat(repository.verify("orders", id, 1).problems()).isEmpty();
        }
        assertThat(sizes)
                .containsOnly(
                        Map.entry("PG_VERSION", 3L),
                        Map.entry("base/5/10000", UNIT + 5),
                        Map.entry("base/5/20000", 0L),
                        // What was added is in the WAL.
                        Map.entry("base/5/40000", 8192L));
    }
}
