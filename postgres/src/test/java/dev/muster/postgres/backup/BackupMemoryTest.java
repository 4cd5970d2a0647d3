package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.Progress;
import dev.muster.repository.BackupKind;
import dev.muster.repository.BackupRequest;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.Repository;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupMemoryTest {
    private static final int FILES = 100_000;

    @TempDir
    Path folder;

    @Thorough
    @Test
    @DisplayName("100,000 files and a large one are backed up, fully and incrementally, with a heap of 128 MiB")
    void manyFilesAndALargeOneFitASmallHeap() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(output).endsWith("done");
    }

    /** The child process. */
    static final class Main {
        private Main() {}

        public static void main(String[] arguments) throws IOException {
            Path folder = Path.of(arguments[0]);
            Path data = Files.createDirectories(folder.resolve("data/base/5"));
            byte[] page = new byte[8192];
            for (int i = 0; i < FILES; i++) {
                ByteBuffer.wrap(page).putInt(4000, i);
                Files.write(data.resolve(String.valueOf(16384 + i)), page);
            }
            Files.writeString(folder.resolve("data/PG_VERSION"), "18\n");
            Path store = Files.createDirectories(folder.resolve("store"));
            try (Repository repository = Repository.create(
                    Stores.open("file://" + store.toAbsolutePath()),
                    KeyFile.generate(folder.resolve("key")),
                    Clock.systemUTC())) {
                String full = backup(repository, folder.resolve("data"), Optional.empty());
                try (RandomAccessFile changed =
                        new RandomAccessFile(data.resolve("16400").toFile(), "rw")) {
                    changed.write(1);
                }
                // Of nothing but zeros, which are not stored.
                try (RandomAccessFile large =
                        new RandomAccessFile(data.resolve("99").toFile(), "rw")) {
                    large.setLength(4L << 30);
                }
                Ancestor ancestor = new Ancestor(repository.backup("orders", full));
                backup(repository, folder.resolve("data"), Optional.of(ancestor));
            }
            System.out.print("done");
        }

        private static String backup(Repository repository, Path data, Optional<Ancestor> ancestor) throws IOException {
            ReadMeter meter = new ReadMeter(OptionalLong.empty(), Progress.NONE);
            try (BackupWriter writer = repository.startBackup(
                    new BackupRequest("orders", BackupKind.FULL, "test", JsonNodeFactory.instance.objectNode()))) {
                new FileCopier(
                                data,
                                DataDirectory.list(data, 131_072).files(),
                                writer,
                                ancestor,
                                8192,
                                Optional.empty(),
                                Optional.empty(),
                                meter)
                        .run(2);
                if (ancestor.isPresent() && meter.reused() < (FILES - 1) * 8192L) {
                    throw new IllegalStateException("Only " + meter.reused() + " bytes were reused");
                }
                return writer.commit(summary().toJson()).id();
            }
        }

        private static BackupSummary summary() {
            Lsn lsn = new Lsn(1);
            return new BackupSummary(
                    "7",
                    180_006,
                    1,
                    lsn,
                    lsn,
                    lsn,
                    Instant.EPOCH,
                    Instant.EPOCH,
                    16 << 20,
                    8192,
                    true,
                    0,
                    0,
                    0,
                    List.of(),
                    Map.of(),
                    Making.UNTOLD);
        }
    }
}
