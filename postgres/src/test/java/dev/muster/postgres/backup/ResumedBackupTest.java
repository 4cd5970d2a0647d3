package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.Progress;
import dev.muster.postgres.restore.RecoveryServer;
import dev.muster.postgres.restore.RecoveryTarget;
import dev.muster.repository.BackupKind;
import dev.muster.repository.Lease;
import dev.muster.repository.Repository;
import dev.muster.repository.keys.KeyFile;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.Thorough;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/** SAFETY "Repository and stores" 1, 2. */
class ResumedBackupTest {
    private static final int MEGABYTE = 1 << 20;

    @TempDir
    Path folder;

    private BackedUpCluster source;

    @BeforeEach
    void start() throws Exception {
        source = BackedUpCluster.start(folder, "summarize_wal = on");
        source.cluster()
                .execute(
                        "create table t as select g as n, (select string_agg(md5((g * 100 + i)::text), '') from"
                                + " generate_series(1, 28) i) as filler from generate_series(1, 30000) g",
                        "vacuum freeze t");
    }

    @AfterEach
    void stop() {
        source.close();
    }

    private BackupResult backup(BackupOptions options) {
        return source.backup(PhysicalBackup.Settings.defaults(source.cluster().data(), "test")
                .with(options));
    }

    /** A backup whose process is killed in its middle. */
    private void kill() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        folder.toString(),
                        source.cluster().data().toString(),
                        String.valueOf(source.cluster().port()))
                .redirectOutput(folder.resolve("child.log").toFile())
                .redirectErrorStream(true)
                .start();
        try {
            await().atMost(BackedUpCluster.LIMIT).until(() -> packs() >= 6 || !process.isAlive());
            assertThat(process.isAlive())
                    .as(() -> "alive with " + packs() + " packs: " + read(folder.resolve("child.log")))
                    .isTrue();
        } finally {
            process.destroyForcibly();
            process.waitFor(10, TimeUnit.SECONDS);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long packs() {
        try (var files = Files.walk(source.store())) {
            return files.filter(file -> file.toString().endsWith(".pack")).count();
        } catch (IOException | UncheckedIOException e) {
            return 0; // A temporary file vanished.
        }
    }

    @Test
    @DisplayName("After a worker was killed in its middle, the next backup stores only what the dead one had not, and"
            + " restores the same")
    void afterAKillOnlyTheRestIsStored() throws Exception {
        kill();
        assertThat(source.repository().backups(BackedUpCluster.SOURCE)).isEmpty();
        Lease dead = source.repository().leases().get(0);
        source.cluster().execute("update t set filler = 'changed since' where n % 3000 = 0", "checkpoint");
        BackupResult resumed = backup(BackupOptions.DEFAULT);
        Making making = resumed.summary().making();
        assertThat(making.bytesResumed()).isGreaterThan(5 * MEGABYTE);
        assertThat(resumed.summary().storedBytes()).isLessThan(resumed.summary().rawBytes() - making.bytesResumed());
        source.settle();
        assertThat(source.repository()
                        .verify(BackedUpCluster.SOURCE, resumed.backupId(), 2)
                        .problems())
                .isEmpty();
        RecoveryServer copy = source.recover(resumed, "copy", new RecoveryTarget.Immediate());
        String sql = "select count(*) || md5(string_agg(t::text, ',' order by n)) from t";
        assertThat(BackedUpCluster.value(copy, sql)).isEqualTo(source.cluster().value(sql));
        // An increment of it refers to the dead backup's packs in turn.
        BackupResult next = backup(BackupOptions.DEFAULT.with(Wanted.of(BackupKind.INCREMENTAL)));
        assertThat(next.summary().making().bytesReused()).isGreaterThan(20 * MEGABYTE);
        assertThat(source.repository()
                        .verify(BackedUpCluster.SOURCE, next.backupId(), 2)
                        .problems())
                .isEmpty();
        assertThat(source.repository().abortBackup(BackedUpCluster.SOURCE, dead.backup()))
                .isTrue();
    }

    @Thorough
    @Test
    @DisplayName("What was decided against is not used again (repository 2)")
    void anAbortedBackupIsNotUsedAgain() throws Exception {
        kill();
        Lease dead = source.repository().leases().get(0);
        assertThat(source.repository().abortBackup(BackedUpCluster.SOURCE, dead.backup()))
                .isTrue();
        assertThat(backup(BackupOptions.DEFAULT).summary().making().bytesResumed())
                .isZero();
    }

    /** The child process. */
    static final class Main {
        private Main() {}

        public static void main(String[] arguments) {
            Path folder = Path.of(arguments[0]);
            PGSimpleDataSource server = new PGSimpleDataSource();
            server.setServerNames(new String[] {"127.0.0.1"});
            server.setPortNumbers(new int[] {Integer.parseInt(arguments[2])});
            server.setDatabaseName("postgres");
            server.setUser("postgres");
            String url = "file://" + folder.resolve("store").toAbsolutePath();
            try (Repository repository = Repository.open(Stores.open(url), KeyFile.read(folder.resolve("key")))) {
                BackupOptions slow =
                        BackupOptions.DEFAULT.withPackSize(MEGABYTE).withReadLimit(20 * MEGABYTE);
                new PhysicalBackup(
                                repository,
                                BackedUpCluster.SOURCE,
                                server,
                                new PhysicalBackup.Settings(
                                                Path.of(arguments[1]),
                                                "dying",
                                                2,
                                                1,
                                                PhysicalBackup.BadPages.RECORD,
                                                Duration.ofSeconds(60))
                                        .with(slow))
                        .run(Progress.NONE);
            }
        }
    }
}
