package dev.muster.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.backup.ControlFile;
import dev.muster.postgres.instance.Server;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.DurableCalls;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SAFETY "PostgreSQL recovery" 5, "Repository and stores" 1 and 4. */
class PhysicalRestoreTest {
    @TempDir
    Path folder;

    private BackedUpCluster source;
    private BackupResult backup;
    private Path copy;
    private Path target;

    @BeforeEach
    void start() throws Exception {
        source = BackedUpCluster.start(folder);
        source.cluster()
                .execute(
                        "create table t as select g as n, md5(g::text) from generate_series(1, 100000) g",
                        "checkpoint");
        backup = source.backup();
        copy = Files.createDirectories(folder.resolve("copy"));
        target = RecoveryServer.dataDirectory(copy);
    }

    @AfterEach
    void stop() {
        source.close();
    }

    private PhysicalRestore restore(String token) {
        return new PhysicalRestore(source.repository(), BackedUpCluster.SOURCE, backup.backupId(), target, token, 2);
    }

    private static String code(Runnable action) {
        try {
            action.run();
            return "no error";
        } catch (PostgresException e) {
            return e.code();
        }
    }

    @Test
    @DisplayName("pg_control is restored poisoned: no start without backup_label (PostgreSQL recovery 5)")
    void aClusterWithoutItsBackupLabelCannotStart() throws Exception {
        restore("run").run(Progress.NONE);
        assertThat(target).isDirectory();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve("PG_VERSION"))))
                .isEqualTo("rw-------");
        assertThat(target.resolve("pg_replslot")).isDirectory();
        assertThat(Files.readString(target.resolve("backup_label"))).contains("LABEL: muster " + backup.backupId());
        Files.delete(target.resolve("backup_label"));
        Files.writeString(
                target.resolve("postgresql.auto.conf"),
                "port = " + TestCluster.freePort() + "\nunix_socket_directories = ''\n");
        TestCluster.installation().own(copy);
        Server server = new Server(TestCluster.installation(), target, copy.resolve("log"));
        assertThatThrownBy(() -> server.start(BackedUpCluster.LIMIT)).isInstanceOf(PostgresException.class);
        assertThat(Files.readString(copy.resolve("log"))).contains("could not locate a valid checkpoint record");
    }

    @Test
    void aTargetThatHoldsAnythingIsRefusedAndLeftAsItIs() throws Exception {
        Files.createDirectories(target);
        Files.writeString(target.resolve("precious"), "do not touch");
        assertThat(code(() -> restore("run").run(Progress.NONE))).isEqualTo("TARGET_NOT_EMPTY");
        try (var files = Files.list(target)) {
            assertThat(files).containsExactly(target.resolve("precious"));
        }
        assertThat(code(() -> new PhysicalRestore(
                                source.repository(),
                                BackedUpCluster.SOURCE,
                                backup.backupId(),
                                source.cluster().data(),
                                "run",
                                2)
                        .run(Progress.NONE)))
                .isEqualTo("TARGET_NOT_EMPTY");
        assertThat(source.cluster().value("select count(*) from t")).isEqualTo("100000");
    }

    @Test
    void anInterruptedRestoreGoesOnWithItsTokenAndOnlyWritesWhatIsMissing() throws Exception {
        assertThat(code(() -> restore("run").run(new Progress() {
                    private volatile boolean enough;

                    @Override
                    public void advanced(long done, long total) {
                        enough |= done > total / 2;
                    }

                    @Override
                    public boolean cancelled() {
                        return enough;
                    }
                })))
                .isEqualTo("CANCELLED");
        assertThat(target.resolve(ControlFile.PATH)).doesNotExist();
        assertThat(code(() -> restore("another run").run(Progress.NONE))).isEqualTo("TARGET_NOT_EMPTY");
        // What a crash may leave: a file that is torn, and one that is too long.
        try (var files = Files.walk(target.resolve("base"))) {
            Path largest = files.filter(Files::isRegularFile)
                    .max(Comparator.comparingLong(path -> path.toFile().length()))
                    .orElseThrow();
            try (RandomAccessFile file = new RandomAccessFile(largest.toFile(), "rw")) {
                file.seek(10_000);
                file.write(new byte[3_000]);
                file.setLength(file.length() + 777);
            }
        }
        RestoreResult result = restore("run").run(Progress.NONE);
        assertThat(result.written()).isPositive().isLessThan(result.bytes() * 3 / 4);
        RestoreResult again = restore("run").run(Progress.NONE);
        assertThat(again.written()).isZero();
        RecoveryServer server = new RecoveryServer(TestCluster.installation(), copy, source.archive());
        server.configure(
                RecoverySettings.defaults(
                        new RecoveryTarget.Immediate(), 1, TestCluster.freePort(), RecoverySettings.Access.TRUST_LOCAL),
                backup.summary());
        source.settle();
        server.start();
        server.awaitTarget(BackedUpCluster.LIMIT, Progress.NONE);
        assertThat(BackedUpCluster.value(server, "select count(*) from t where md5(n::text) = t.md5"))
                .isEqualTo("100000");
        server.destroy();
        assertThat(copy).doesNotExist();
    }

    @Test
    void aFlippedBitInAPackStopsTheRestoreAndTheFileIsNamed() throws Exception {
        Path pack;
        try (var files = Files.walk(source.store())) {
            pack = files.filter(path -> path.toString().endsWith(".pack"))
                    .max(Comparator.comparingLong(path -> path.toFile().length()))
                    .orElseThrow();
        }
        try (RandomAccessFile file = new RandomAccessFile(pack.toFile(), "rw")) {
            file.seek(file.length() / 2);
            int value = file.read();
            file.seek(file.length() / 2);
            file.write(value ^ 4);
        }
        assertThatThrownBy(() -> restore("run").run(Progress.NONE))
                .isInstanceOfSatisfying(RepositoryException.class, e -> {
                    assertThat(e.code()).isEqualTo("OBJECT_DAMAGED");
                    assertThat(e.getMessage())
                            .contains(pack.getFileName().toString())
                            .contains("base/");
                });
        assertThat(target.resolve(ControlFile.PATH)).doesNotExist();
        assertThat(Files.readString(target.resolve("muster-restore.json"))).contains("partial");
    }

    @Test
    @DisplayName("Repository and stores 1: whenever the power is lost, a restore that says it is complete is")
    void whatSaysItIsCompleteOutlivesALossOfPower() throws Exception {
        DurableCalls calls = new DurableCalls(copy.toRealPath(), Optional.of(RestoreTarget.MARKER));
        calls.trace(
                folder.resolve("trace"),
                Restorer.class,
                "file://" + source.store(),
                folder.resolve("key").toString(),
                backup.backupId(),
                copy.toRealPath().resolve("data").toString());
        assertThat(target.resolve(ControlFile.PATH)).exists();
        assertThat(calls.syncs()).isGreaterThan(900);
        assertThat(calls.faults()).isEmpty();
    }

    /** The process that is traced. */
    static final class Restorer {
        private Restorer() {}

        public static void main(String[] arguments) {
            KeyFile key = KeyFile.read(Path.of(arguments[1]));
            try (Repository repository = Repository.open(Stores.open(arguments[0]), key)) {
                new PhysicalRestore(repository, BackedUpCluster.SOURCE, arguments[2], Path.of(arguments[3]), "run", 2)
                        .run(Progress.NONE);
            }
            System.out.print("STORED data");
            System.out.flush();
        }
    }

    @Test
    void aDiskThatIsTooSmallIsRefusedUntouchedAndOneThatFillsUpIsSaid() throws Exception {
        Path mount = Files.createDirectories(folder.resolve("small"));
        mountOrSkip(mount, "20m");
        try {
            target = mount.resolve("data");
            assertThat(code(() -> restore("run").run(Progress.NONE))).isEqualTo("DISK_FULL");
            assertThat(target).doesNotExist();
            run("mount", "-o", "remount,size=400m", mount.toString());
            AtomicBoolean filled = new AtomicBoolean();
            assertThat(code(() -> restore("run").run((done, total) -> {
                        if (filled.compareAndSet(false, true)) {
                            fill(mount.resolve("filler"));
                        }
                    })))
                    .isEqualTo("DISK_FULL");
            assertThat(Files.readString(target.resolve("muster-restore.json"))).contains("partial");
            Files.delete(mount.resolve("filler"));
            restore("run").run(Progress.NONE);
            assertThat(target.resolve(ControlFile.PATH)).exists();
        } finally {
            run("umount", mount.toString());
        }
    }

    private static void fill(Path file) {
        try (var out = Files.newOutputStream(file)) {
            byte[] block = new byte[64 << 10];
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            if (!String.valueOf(full.getMessage()).contains("No space left")) {
                throw new UncheckedIOException(full);
            }
        }
    }

    static void mountOrSkip(Path mount, String size) throws Exception {
        int code = run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", mount.toString());
        if (code != 0) {
            System.err.println("SKIPPED: a full disk cannot be tested, since this user may not mount a tmpfs.");
        }
        Assumptions.assumeTrue(code == 0, "this user may not mount a tmpfs: the full disk is NOT tested");
    }

    static int run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }
}
