package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.TestCluster;
import dev.muster.repository.BackupKind;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot is put back below a server: it writes other WAL under the names that the store has already. */
class SetBackServerTest {
    @TempDir
    Path folder;

    private static void copy(Path from, Path to) throws Exception {
        Process process = new ProcessBuilder("cp", "-a", from.toString(), to.toString())
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
    }

    @Test
    @DisplayName("A backup whose WAL in the store is another server's, or of another past, does not count"
            + " (PostgreSQL recovery 12)")
    void walOfAnotherPastIsNotTakenForTheBackups() throws Exception {
        try (BackedUpCluster source = BackedUpCluster.start(folder)) {
            TestCluster cluster = source.cluster();
            cluster.execute("create table t (n int)", "checkpoint");
            source.settle();
            cluster.server().stop(BackedUpCluster.LIMIT);
            copy(cluster.data(), folder.resolve("snapshot"));
            cluster.server().start(BackedUpCluster.LIMIT);
            cluster.execute("insert into t select generate_series(1, 20000)");
            BackupResult lost = source.backup();
            cluster.execute("insert into t select generate_series(1, 60000)");
            Lsn stored = source.settle();
            cluster.server().stop(BackedUpCluster.LIMIT);
            Files.move(cluster.data(), folder.resolve("lost"));
            copy(folder.resolve("snapshot"), cluster.data());
            cluster.server().start(BackedUpCluster.LIMIT);
            cluster.execute("create table other as select g from generate_series(1, 25000) g");
            assertThat(cluster.flushed()).isBetween(lost.summary().stop(), stored);

            for (BackupKind kind : new BackupKind[] {BackupKind.FULL, BackupKind.INCREMENTAL}) {
                assertThatThrownBy(() -> source.backup(PhysicalBackup.Settings.defaults(cluster.data(), "test")
                                .with(BackupOptions.DEFAULT.with(Wanted.of(kind)))))
                        .isInstanceOfSatisfying(
                                PostgresException.class,
                                e -> assertThat(e.code()).isEqualTo("WAL_CONFLICT"));
            }
            assertThat(source.repository().backups(BackedUpCluster.SOURCE)).hasSize(1);
        }
    }
}
