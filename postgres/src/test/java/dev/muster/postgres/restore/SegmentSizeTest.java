package dev.muster.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.storage.testing.Thorough;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Thorough
class SegmentSizeTest {
    @TempDir
    Path folder;

    @ParameterizedTest(name = "{0} MB")
    @DisplayName("WAL is received, found and replayed with segments of every size (PostgreSQL recovery 12)")
    @ValueSource(ints = {2, 16, 64, 256, 1024})
    void backupAndRecoveryToAPosition(int megabytes) throws Exception {
        String[] room = {"max_wal_size = '4GB'", "min_wal_size = '" + 2 * megabytes + "MB'"};
        try (BackedUpCluster source = BackedUpCluster.startWithSegments(megabytes, folder, room)) {
            source.cluster().execute("create table t as select generate_series(1, 1000) n");
            BackupResult backup = source.backup();
            assertThat(backup.summary().segmentSize()).isEqualTo(megabytes << 20);
            source.cluster().execute("insert into t select generate_series(1001, 2000)", "select pg_switch_wal()");
            source.cluster().execute("insert into t values (2001)");
            Lsn before = source.cluster().flushed();
            source.cluster().execute("delete from t");
            source.settle();
            RecoveryServer copy = source.recover(backup, "copy", new RecoveryTarget.Position(before, false));
            assertThat(BackedUpCluster.value(copy, "select count(*) from t")).isEqualTo("2001");
            ReachablePoints.Points points = ReachablePoints.of(source.repository(), BackedUpCluster.SOURCE)
                    .get(0);
            assertThat(points.latest()).isGreaterThan(before);
            assertThat(points.latestTime()).isPresent();
        }
    }
}
