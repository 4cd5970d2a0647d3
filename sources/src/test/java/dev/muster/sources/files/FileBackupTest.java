package dev.muster.sources.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.repository.Entry;
import dev.muster.repository.Run;
import dev.muster.sources.Progress;
import dev.muster.sources.SourceException;
import dev.muster.sources.TestStore;
import dev.muster.sources.filesystem.FileFacts;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBackupTest {
    @TempDir
    Path folder;

    private TestStore store;

    @BeforeEach
    void create() throws IOException {
        store = TestStore.create(folder);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Path restored(String backup) {
        Path target = folder.resolve("restored-" + backup);
        store.restore(backup, target);
        return target;
    }

    @Test
    void aTreeComesBackWithContentLinksModesAndTimes() throws IOException {
        store.write("models/weights.bin", TestStore.random(3 << 20, 1));
        store.write("empty", "");
        Path script = store.write("bin/run.sh", "#!/bin/sh\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("r-xr-x--x"));
        Files.createSymbolicLink(store.tree().resolve("current"), Path.of("models/weights.bin"));
        Files.createSymbolicLink(store.tree().resolve("outside"), Path.of("/nowhere/../at all"));
        Files.createDirectories(store.tree().resolve("empty folder"));
        Files.setLastModifiedTime(script, FileTime.from(Instant.parse("2001-02-03T04:05:06.789012345Z")));
        Files.setLastModifiedTime(
                store.tree().resolve("bin"), FileTime.from(Instant.parse("2002-02-03T04:05:06.000000001Z")));

        FileBackupResult result = store.backup();
        assertThat(result.files()).isEqualTo(3);
        assertThat(result.symlinks()).isEqualTo(2);
        Path copy = restored(result.backupId());

        assertThat(copy.resolve("models/weights.bin"))
                .hasBinaryContent(Files.readAllBytes(store.tree().resolve("models/weights.bin")));
        assertThat(copy.resolve("empty")).isEmptyFile();
        assertThat(copy.resolve("empty folder")).isEmptyDirectory();
        assertThat(Files.readSymbolicLink(copy.resolve("outside"))).hasToString("/nowhere/../at all");
        for (String name : new String[] {".", "bin", "bin/run.sh", "models", "empty"}) {
            FileFacts there = FileFacts.of(copy.resolve(name).normalize());
            FileFacts here = FileFacts.of(store.tree().resolve(name).normalize());
            assertThat(there.mode()).as(name).isEqualTo(here.mode());
            assertThat(there.modified()).as(name).isEqualTo(here.modified());
            assertThat(there.uid()).as(name).isEqualTo(here.uid());
        }
        store.repository().verify(TestStore.SOURCE, result.backupId(), 2).requireSound();
    }

    @Test
    void aSecondBackupReadsOnlyWhatChangedAndStillRestoresAlone() throws IOException {
        for (int i = 0; i < 50; i++) {
            store.write("file-" + i, TestStore.random(10_000, i));
        }
        String first = store.backup().backupId();
        store.write("file-7", TestStore.random(10_000, 1_007));
        Files.delete(store.tree().resolve("file-8"));
        FileBackupResult second = store.backup();

        assertThat(second.parent()).contains(first);
        assertThat(second.unchangedFiles()).isEqualTo(48);
        assertThat(second.readBytes()).isEqualTo(10_000);
        Path copy = restored(second.backupId());
        assertThat(copy.resolve("file-7")).hasBinaryContent(TestStore.random(10_000, 1_007));
        assertThat(copy.resolve("file-9")).hasBinaryContent(TestStore.random(10_000, 9));
        assertThat(copy.resolve("file-8")).doesNotExist();
    }

    @Test
    void aChangeThatHidesItsTimeIsFoundByTheKernelsOwn() throws IOException {
        Path file = store.write("a", "before");
        FileTime time = Files.getLastModifiedTime(file);
        store.backup();
        Files.writeString(file, "behind");
        Files.setLastModifiedTime(file, time);
        FileBackupResult second = store.backup();
        assertThat(second.unchangedFiles()).isZero();
        assertThat(restored(second.backupId()).resolve("a")).hasContent("behind");
    }

    @Test
    void aFileOfTheSameTickAsItsReadingIsReadAgainNextTime() throws IOException {
        store.write("a", "fresh");
        new FileBackup(store.repository(), TestStore.SOURCE, store.settings(), Clock.systemUTC()).run(Progress.NONE);
        assertThat(store.backup().unchangedFiles()).isZero();
        assertThat(store.backup().unchangedFiles()).isEqualTo(1);
    }

    @Test
    void ofALogThatLostItsBeginningOnlyTheNewIsStored() throws IOException {
        byte[] log = TestStore.random(8 << 20, 5);
        store.write("app.log", log);
        store.backup();
        byte[] rotated = Arrays.copyOfRange(log, 1_234_567, log.length + 50_000);
        System.arraycopy(TestStore.random(50_000, 6), 0, rotated, rotated.length - 50_000, 50_000);
        store.write("app.log", rotated);
        FileBackupResult second = store.backup();
        assertThat(second.readBytes()).isEqualTo(rotated.length);
        assertThat(second.readBytes() - second.knownBytes()).isLessThan(500_000);
        assertThat(second.storedBytes()).isLessThan(600_000);
        assertThat(restored(second.backupId()).resolve("app.log")).hasBinaryContent(rotated);
    }

    @Test
    void holesAreNotStoredAndComeBackAsHoles() throws IOException {
        Path sparse = store.tree().resolve("disk.img");
        try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
            file.write(TestStore.random(5_000, 1));
            file.seek(40 << 20);
            file.write(TestStore.random(5_000, 2));
            file.setLength(100 << 20);
        }
        FileBackupResult result = store.backup();
        assertThat(result.storedBytes()).isLessThan(40_000);
        long zeros = store.reader(result.backupId())
                .runs(store.entry(result.backupId(), "disk.img"))
                .filter(run -> run instanceof Run.Zeros)
                .mapToLong(Run::length)
                .sum();
        assertThat(zeros).isGreaterThan((100L << 20) - 30_000);
        Path copy = restored(result.backupId()).resolve("disk.img");
        assertThat(Files.mismatch(copy, sparse)).isEqualTo(-1);
        assertThat(blocks(copy)).isLessThan(1_000);
    }

    private static long blocks(Path path) throws IOException {
        try {
            Process stat = new ProcessBuilder("stat", "-c", "%b", path.toString()).start();
            String blocks =
                    new String(stat.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
            return Long.parseLong(blocks.strip());
        } catch (NumberFormatException e) {
            throw new IOException("stat says nothing", e);
        }
    }

    @Test
    void namesOfOneFileAreReadOnceAndAreOneFileAgain() throws IOException {
        Path one = store.write("one", TestStore.random(200_000, 1));
        for (int i = 0; i < 20; i++) {
            Files.createLink(store.tree().resolve("name-" + i), one);
        }
        FileBackupResult result = store.backup();
        assertThat(result.files()).isEqualTo(21);
        assertThat(result.readBytes()).isEqualTo(200_000);
        Path copy = restored(result.backupId());
        assertThat(FileFacts.of(copy.resolve("one")).links()).isEqualTo(21);
        assertThat(FileFacts.of(copy.resolve("name-3")).inode())
                .isEqualTo(FileFacts.of(copy.resolve("one")).inode());

        FileBackupResult second = store.backup();
        assertThat(second.readBytes()).isZero();
        assertThat(FileFacts.of(restored(second.backupId()).resolve("one")).links())
                .isEqualTo(21);
    }

    @Test
    void aPipeIsNamedAndLeftOut() throws Exception {
        store.write("a", "a");
        assertThat(new ProcessBuilder("mkfifo", store.tree().resolve("pipe").toString())
                        .start()
                        .waitFor())
                .isZero();
        FileBackupResult result = store.backup();
        assertThat(result.special().names()).containsExactly("pipe");
        assertThat(store.entries(result.backupId())).doesNotContainKey("pipe");
    }

    @Test
    void aFileThatGrowsWithoutEndIsKeptAsReadAndNamed() throws Exception {
        Path log = store.write("busy.log", TestStore.random(4 << 20, 1));
        store.write("quiet", "quiet");
        AtomicBoolean stop = new AtomicBoolean();
        Thread writer = new Thread(() -> {
            while (!stop.get()) {
                try {
                    Files.write(log, new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        });
        writer.start();
        FileBackupResult result;
        try {
            result = store.backup();
        } finally {
            stop.set(true);
            writer.join();
        }
        assertThat(result.changed().names()).containsExactly("busy.log");
        byte[] kept = Files.readAllBytes(restored(result.backupId()).resolve("busy.log"));
        byte[] now = Files.readAllBytes(log);
        assertThat(kept).hasSizeBetween(4 << 20, now.length).isEqualTo(Arrays.copyOf(now, kept.length));
        // Next time it is not believed to be unchanged, though it is.
        assertThat(store.backup().unchangedFiles()).isEqualTo(1);
    }

    @Test
    void aStoreInsideOfTheTreeIsNotBackedUpIntoItself() throws IOException {
        store.write("a", "a");
        FileBackup.Settings all = store.settings();
        FileBackup.Settings above = new FileBackup.Settings(
                folder,
                all.writer(),
                2,
                3,
                FileRules.of(java.util.List.of(), java.util.List.of("/key"), false),
                false,
                false,
                false);
        FileBackupResult result = store.backup(above);
        Map<String, Entry> entries = store.entries(result.backupId());
        assertThat(entries).containsOnlyKeys(".", "tree", "tree/a");
        assertThat(result.special().names()).containsExactly("store (the store itself)");
    }

    /** Does something at the moment when a file was listed and is about to be read. */
    private FileBackupResult disturbed(Disturbance disturbance) {
        Clock clock = new Clock() {
            @Override
            public Instant instant() {
                try {
                    disturbance.happen();
                    return TestStore.LATER.instant();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };
        return new FileBackup(store.repository(), TestStore.SOURCE, store.settings(), clock).run(Progress.NONE);
    }

    private interface Disturbance {
        void happen() throws IOException;
    }

    @Test
    void aFileThatVanishesBeforeItIsReadIsNamedAndTheOthersAreKept() throws IOException {
        Files.createSymbolicLink(store.tree().resolve("stays"), Path.of("anywhere"));
        Path gone = store.write("gone", "gone");
        FileBackupResult result = disturbed(() -> Files.deleteIfExists(gone));
        assertThat(result.vanished().names()).containsExactly("gone");
        assertThat(store.entries(result.backupId())).containsOnlyKeys(".", "stays");
    }

    @Test
    @DisplayName("Repository 7: a file that becomes a link before it is read is not followed")
    void aFileThatBecomesALinkIsNotFollowed() throws IOException {
        Path outside = Files.writeString(folder.resolve("outside"), "not of this tree");
        Path file = store.write("file", "of this tree");
        FileBackupResult result = disturbed(() -> {
            Files.deleteIfExists(file);
            Files.createSymbolicLink(file, outside);
        });
        assertThat(result.vanished().names()).containsExactly("file");
        assertThat(store.entries(result.backupId())).containsOnlyKeys(".");
    }

    @Test
    void aNameThatIsReplacedByAnotherFileDoesNotChangeTheOtherNamesOfTheOldOne() throws IOException {
        Path one = store.write("one", "the old file");
        Files.createLink(store.tree().resolve("two"), one);
        Files.createLink(store.tree().resolve("three"), one);
        Path first;
        try (DirectoryStream<Path> names = Files.newDirectoryStream(store.tree())) {
            first = names.iterator().next();
        }
        Path replacement = Files.writeString(folder.resolve("replacement"), "another one");
        FileBackupResult result = disturbed(() -> {
            if (Files.exists(replacement)) {
                Files.move(replacement, first, StandardCopyOption.ATOMIC_MOVE);
            }
        });
        Path copy = restored(result.backupId());
        for (String name : List.of("one", "two", "three")) {
            assertThat(copy.resolve(name)).hasContent(first.endsWith(name) ? "another one" : "the old file");
        }
        assertThat(result.files()).isEqualTo(3);
    }

    @Test
    void aChangeThroughMappedMemoryIsFoundThoughTheKernelGivesItNoTimeUntilItHasWrittenThePage() throws IOException {
        Path file = store.write("mapped", TestStore.random(10_000, 1));
        Clock soon = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(1));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, 10_000);
            memory.put(0, (byte) 1);
            new FileBackup(store.repository(), TestStore.SOURCE, store.settings(), soon).run(Progress.NONE);
            memory.put(1, (byte) 2);
            memory.put(2, (byte) 3);
        }
        FileBackupResult second = store.backup();
        assertThat(restored(second.backupId()).resolve("mapped")).hasBinaryContent(Files.readAllBytes(file));
    }

    @Test
    void anotherFileSystemIsLeftOutAndNamedOnDemand() throws IOException {
        Path devices = Path.of("/dev");
        if (FileFacts.of(devices).device()
                == FileFacts.of(devices.resolve("shm")).device()) {
            Thorough.Loud.say("NOT RUN: anotherFileSystemIsLeftOutAndNamedOnDemand needs /dev/shm as a mount");
            return;
        }
        FileRules rules = FileRules.of(List.of("/shm/"), List.of("*"), false);
        FileBackupResult result =
                store.backup(new FileBackup.Settings(devices, "test", 1, 3, rules, true, false, false));
        assertThat(store.entries(result.backupId())).containsOnlyKeys(".", "shm");
        assertThat(result.otherFileSystems().names()).containsExactly("shm");
    }

    @Test
    void aSourceThatIsNoDirectoryIsRefused() throws IOException {
        Path file = store.write("a", "a");
        FileBackup.Settings settings = FileBackup.Settings.defaults(file, "test");
        assertThatThrownBy(() -> store.backup(settings))
                .isInstanceOfSatisfying(
                        SourceException.class, e -> assertThat(e.code()).isEqualTo("SOURCE_NOT_A_DIRECTORY"));
        assertThat(store.repository().backups(TestStore.SOURCE)).isEmpty();
    }
}
