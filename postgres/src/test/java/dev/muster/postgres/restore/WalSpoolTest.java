package dev.muster.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.spool.SpoolReport;
import dev.muster.postgres.wal.WalSource;
import dev.muster.storage.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SAFETY "PostgreSQL recovery" 1. */
class WalSpoolTest {
    private static final String FIRST = "000000010000000000000001";
    private static final String SECOND = "000000010000000000000002";
    private static final String THIRD = "000000010000000000000003";

    /** An archive of small files; may be down. */
    private static final class SmallFiles implements WalSource {
        private final Map<String, String> content = new ConcurrentHashMap<>();
        private final List<String> fetched = new CopyOnWriteArrayList<>();
        private volatile boolean down;
        private volatile boolean damaged;

        @Override
        public boolean fetch(String name, Path target) {
            if (down) {
                throw new StoreException("STORE_UNREACHABLE", "The store is down", "A test took it down.");
            }
            if (damaged) {
                throw new PostgresException("WAL_GAP", "WAL is missing", "A test removed it.");
            }
            String text = content.get(name);
            if (text == null) {
                return false;
            }
            try {
                Files.writeString(target, text);
                fetched.add(name);
                return true;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public List<String> following(String name, int count) {
            return content.keySet().stream()
                    .filter(other -> other.compareTo(name) > 0 && other.length() == name.length())
                    .sorted()
                    .limit(count)
                    .toList();
        }
    }

    @TempDir
    Path folder;

    private final SmallFiles archive = new SmallFiles();
    private final List<WalSpool> fillers = new ArrayList<>();
    private Path spool;

    @BeforeEach
    void prepare() {
        spool = folder.resolve("spool");
        archive.content.put(FIRST, "one");
        archive.content.put(SECOND, "two");
        archive.content.put(THIRD, "three");
        archive.content.put("00000002.history", "1\t0/3000000\tpromoted\n");
    }

    @AfterEach
    void stop() {
        fillers.forEach(WalSpool::close);
    }

    private WalSpool filler() {
        WalSpool filler = WalSpool.start(spool, archive, path -> {});
        fillers.add(filler);
        return filler;
    }

    private Process script(String name, int silence) throws IOException {
        return new ProcessBuilder(
                        "/bin/sh",
                        spool.resolve("restore-wal.sh").toString(),
                        spool.toString(),
                        name,
                        folder.resolve("target").toString(),
                        Integer.toString(silence))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
    }

    private int exit(Process script) throws InterruptedException {
        assertThat(script.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return script.exitValue();
    }

    private String target() throws IOException {
        return Files.readString(folder.resolve("target"));
    }

    @Test
    void aFileThatIsThereIsMovedIntoPlaceAndItsFollowersAreFetchedAhead() throws Exception {
        filler();
        assertThat(exit(script(FIRST, 10))).isZero();
        assertThat(target()).isEqualTo("one");
        await().until(() -> archive.fetched.containsAll(List.of(SECOND, THIRD)));
        await().until(() -> Files.exists(spool.resolve("ready").resolve(SECOND)));
        assertThat(exit(script(SECOND, 10))).isZero();
        assertThat(target()).isEqualTo("two");
        assertThat(archive.fetched.stream().filter(SECOND::equals)).hasSize(1);
        assertThat(exit(script("00000002.history", 10))).isZero();
        assertThat(target()).startsWith("1\t0/3000000");
    }

    @Test
    @DisplayName("restore_command exits 1 only for a file that is certainly not there (PostgreSQL recovery 1)")
    void onlyAFileThatIsCertainlyNotThereExitsWithOne() throws Exception {
        WalSpool filler = filler();
        assertThat(exit(script("000000010000000000000009", 10))).isEqualTo(1);
        assertThat(filler.lastAbsent().orElseThrow().name()).isEqualTo("000000010000000000000009");
        // It may have arrived since: the old answer does not count.
        archive.content.put("000000010000000000000009", "nine");
        assertThat(exit(script("000000010000000000000009", 10))).isZero();
        assertThat(target()).isEqualTo("nine");
    }

    @Test
    void aDeadFillerIsWaitedForAndThenItIsNotTakenForTheEndOfWal() throws Exception {
        filler().close();
        assertThat(exit(script(FIRST, 1))).isGreaterThanOrEqualTo(126);
        assertThat(Files.readString(folder.resolve("output"))).contains("no life for 1 s");
    }

    @Test
    void aFillerThatDiesAndComesBackGoesOn() throws Exception {
        filler().close();
        Process waiting = script(FIRST, 30);
        await().until(() -> Files.exists(spool.resolve("want").resolve(FIRST)));
        assertThat(waiting.isAlive()).isTrue();
        filler();
        assertThat(exit(waiting)).isZero();
        assertThat(target()).isEqualTo("one");
    }

    @Test
    void aStoreThatIsDownIsWaitedForAsLongAsTheFillerLives() throws Exception {
        WalSpool filler = filler();
        archive.down = true;
        Process waiting = script(FIRST, 2);
        await().until(() -> filler.trouble().isPresent());
        assertThat(filler.trouble().orElseThrow().code()).isEqualTo("STORE_UNAVAILABLE");
        assertThat(waiting.isAlive()).isTrue();
        await().until(() -> SpoolReport.of(spool).trouble().isPresent());
        assertThat(SpoolReport.of(spool).trouble().orElseThrow().code()).isEqualTo("STORE_UNAVAILABLE");
        assertThat(SpoolReport.of(spool).waiting()).isEqualTo(1);
        archive.down = false;
        assertThat(exit(waiting)).isZero();
        assertThat(filler.trouble()).isEmpty();
        await().until(() -> SpoolReport.of(spool).trouble().isEmpty());
        assertThat(SpoolReport.of(spool).last()).contains(FIRST);
    }

    @Test
    void aFileThatCannotBeBroughtStopsRecoveryWithTheReason() throws Exception {
        WalSpool filler = filler();
        archive.damaged = true;
        assertThat(exit(script(FIRST, 10))).isGreaterThanOrEqualTo(126);
        assertThat(Files.readString(folder.resolve("output"))).contains("WAL is missing");
        assertThat(filler.trouble().orElseThrow().code()).isEqualTo("WAL_GAP");
    }

    @Test
    @DisplayName("Any other trouble of restore_command exits with 126 or more (PostgreSQL recovery 1)")
    void anyOtherTroubleOfTheScriptIsNotTakenForTheEndOfWal() throws Exception {
        WalSpool filler = filler();
        assertThat(exit(script("../../etc/passwd", 10))).isGreaterThanOrEqualTo(126);
        assertThat(exit(script("", 10))).isGreaterThanOrEqualTo(126);
        Path script = spool.resolve("restore-wal.sh");
        for (List<String> arguments : List.of(
                List.<String>of(),
                List.of(folder.resolve("nowhere").toString(), FIRST, "target"),
                List.of(
                        spool.toString(),
                        FIRST,
                        folder.resolve("no/such/folder").toString()))) {
            List<String> command = new ArrayList<>(List.of("/bin/sh", script.toString()));
            command.addAll(arguments);
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("output").toFile())
                    .start();
            assertThat(exit(process)).as(arguments.toString()).isGreaterThanOrEqualTo(126);
        }
        // A request that cannot be written.
        filler.close();
        Files.createDirectories(spool.resolve("want").resolve("000000010000000000000007"));
        assertThat(exit(script("000000010000000000000007", 10))).isGreaterThanOrEqualTo(126);
    }

    @Test
    @DisplayName("A full disk below the spool is not taken for the end of WAL, and with room again replay goes on"
            + " (PostgreSQL recovery 1)")
    void aFullDiskBelowTheSpoolIsNotTakenForTheEndOfWal() throws Exception {
        Path disk = Files.createDirectories(folder.resolve("disk"));
        PhysicalRestoreTest.mountOrSkip(disk, "128k");
        spool = disk.resolve("spool");
        try (WalSpool filler = filler()) {
            assertThat(exit(script(FIRST, 10))).isZero();
            archive.content.put("000000010000000000000009", "nine".repeat(1 << 16));
            Process waiting = script("000000010000000000000009", 20);
            await().until(() -> filler.trouble().isPresent());
            assertThat(filler.trouble().orElseThrow().getMessage()).contains("No space left");
            assertThat(waiting.isAlive()).isTrue();
            PhysicalRestoreTest.run("mount", "-o", "remount,size=4m", disk.toString());
            assertThat(exit(waiting)).isZero();
            assertThat(target()).hasSize(4 << 16);
            Path full = Files.write(disk.resolve("full"), new byte[0]);
            fill(full);
            // Absent, but nobody can say so.
            assertThat(exit(script("00000001000000000000000A", 2))).isGreaterThanOrEqualTo(126);
            Files.delete(full);
        } finally {
            PhysicalRestoreTest.run("umount", "-l", disk.toString());
        }
        assertThat(target()).hasSize(4 << 16);
    }

    private static void fill(Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            for (int page = 0; page < 2_000; page++) {
                out.write(new byte[4096]);
            }
            throw new AssertionError("It is not full");
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }
}
