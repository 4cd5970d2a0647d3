package dev.muster.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.repository.frames.Sha256;
import dev.muster.repository.replication.Replication;
import dev.muster.repository.replication.ReplicationOptions;
import dev.muster.repository.replication.ReplicationProgress;
import dev.muster.repository.verification.Budget;
import dev.muster.repository.verification.VerifiedObjects;
import dev.muster.repository.verification.VerifiedObjectsFile;
import dev.muster.repository.verification.Verifier;
import dev.muster.storage.ObjectStore;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryTest {
    private static final int FRAME = 128 << 10;
    private static final int ENTRIES = 60_000;
    private static final String REPLICATED = "replicated";

    @TempDir
    private Path directory;

    @Test
    @DisplayName("200 MiB and 60,000 entries are written, read and verified with a heap of 40 MiB")
    void smallHeap() throws Exception {
        assertFits(1_600, BackupRequest.DEFAULT_PACK_SIZE, "");
    }

    @Test
    @DisplayName("A backup over 800 small packs, as years of increments leave them, is read with a heap of 40 MiB")
    void manySmallPacks() throws Exception {
        assertFits(800, 1, "");
    }

    @Test
    @DisplayName("300 small packs and 60,000 entries are replicated and verified at each level with a heap of 40 MiB")
    void replicated() throws Exception {
        assertFits(300, 1, REPLICATED);
    }

    @Test
    @Thorough
    @DisplayName(
            "200 MiB in a few packs, and as many in many, are replicated and verified at each level with a heap of 40 MiB")
    void replicatedThorough() throws Exception {
        assertFits(1_600, BackupRequest.DEFAULT_PACK_SIZE, REPLICATED);
        directory = Files.createDirectory(directory.resolve("many"));
        assertFits(1_600, 1, REPLICATED);
    }

    private void assertFits(int frames, long packSize, String more) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx40m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        directory.toString(),
                        String.valueOf(frames),
                        String.valueOf(packSize),
                        more)
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
        assertThat(output).endsWith("the same");
        assertThat(process.exitValue()).isZero();
    }

    /** The child process. */
    static final class Main {
        private Main() {}

        public static void main(String[] arguments) throws IOException {
            try (TestRepository test = new TestRepository(Path.of(arguments[0]))) {
                MessageDigest written = Sha256.instance();
                CommittedBackup backup =
                        write(test, written, Integer.parseInt(arguments[1]), Long.parseLong(arguments[2]));
                BackupReader reader = test.repository.backup(TestRepository.SOURCE, backup.id());
                MessageDigest read = Sha256.instance();
                reader.entries(entry -> {
                    if (entry.size() > 0) {
                        copy(reader, entry, read);
                    }
                });
                test.repository.verify(TestRepository.SOURCE, backup.id(), 2).requireSound();
                if (arguments[3].equals(REPLICATED)) {
                    replicateAndVerify(test, Path.of(arguments[0]));
                }
                System.out.print(MessageDigest.isEqual(written.digest(), read.digest()) ? "the same" : "different");
            }
        }

        /** All sources, into another folder, there at each level, with as many threads as it does by itself. */
        private static void replicateAndVerify(TestRepository test, Path directory) throws IOException {
            Path folder = Files.createDirectory(directory.resolve("replica"));
            ObjectStore replica = Stores.open(folder.toUri().toString());
            Replication.of(test.repository, replica, new ReplicationOptions("test"), Clock.systemUTC())
                    .run(ReplicationProgress.NONE)
                    .requireSound();
            try (Repository there = test.repository.in(replica);
                    VerifiedObjects state = VerifiedObjectsFile.open(directory.resolve("verified"), there)) {
                Verifier verifier = new Verifier(there, Clock.systemUTC(), 2);
                verifier.verifyAll(verifier.sources(), state, Budget.UNLIMITED).requireSound();
            }
        }

        private static CommittedBackup write(TestRepository test, MessageDigest digest, int count, long packSize) {
            try (BackupWriter backup =
                    test.repository.startBackup(TestRepository.request().withPackSize(packSize))) {
                try (PackWriter pack = backup.pack()) {
                    List<FrameRef> frames = new ArrayList<>();
                    for (int i = 0; i < count; i++) {
                        byte[] raw = TestRepository.random(FRAME, i);
                        digest.update(raw);
                        frames.add(pack.frame(raw, 0, FRAME));
                    }
                    backup.file(Entry.file(EntryPath.of("large"), 0600, (long) count * FRAME), frames);
                }
                for (int i = 0; i < ENTRIES; i++) {
                    backup.file(Entry.file(EntryPath.of("base/16384/some-name-" + i), 0600, 0), List.of());
                }
                return backup.commit(TestRepository.json("label", "large"));
            }
        }

        private static void copy(BackupReader reader, Entry entry, MessageDigest digest) {
            try {
                reader.copy(entry, new RunSink() {
                    @Override
                    public void zeros(long fileOffset, int length) {
                        throw new IllegalStateException("No zeros were written");
                    }

                    @Override
                    public void bytes(long fileOffset, byte[] bytes, int offset, int length) {
                        digest.update(bytes, offset, length);
                    }
                });
            } catch (IOException e) {
                throw new IllegalStateException("Memory does not fail", e);
            }
        }
    }
}
