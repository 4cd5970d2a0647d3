package dev.muster.postgres.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.storage.testing.LockingStore;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a backup needs besides its own objects, in a store that locks. */
class LockedBackupTest {
    @TempDir
    private Path folder;

    private final AtomicReference<Duration> passed = new AtomicReference<>(Duration.ZERO);

    private final LockingStore store = new LockingStore(Duration.ofDays(5), new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("Nobody asks for another zone");
        }

        @Override
        public Instant instant() {
            return Instant.now().plus(passed.get());
        }
    });

    @Test
    @DisplayName(
            "The WAL that makes a backup consistent, and the history of its timeline, are locked as long as its COMMIT")
    void walOfALongBackup() throws Exception {
        try (BackedUpCluster source = BackedUpCluster.startIn(store, folder)) {
            source.cluster().execute("create table t as select g from generate_series(1, 10000) g");
            source.settle();
            AtomicBoolean slow = new AtomicBoolean();
            BackupResult backup = new PhysicalBackup(
                            source.repository(),
                            BackedUpCluster.SOURCE,
                            source.cluster().dataSource(),
                            PhysicalBackup.Settings.defaults(source.cluster().data(), "test"))
                    .run((done, total) -> {
                        if (done > 0 && slow.compareAndSet(false, true)) {
                            settle(source);
                            passed.set(Duration.ofDays(2));
                            store.skewed(Duration.ofDays(2));
                        }
                    });
            assertThat(slow).isTrue();
            BackupSummary summary = backup.summary();
            List<String> wal = source.archive(backup).keys(summary.timeline(), summary.start(), summary.stop());
            assertThat(wal).isNotEmpty();
            Instant end = store.lockedUntil("src/" + BackedUpCluster.SOURCE + "/b/" + backup.backupId() + "/COMMIT")
                    .orElseThrow();
            for (String one : wal) {
                assertThat(store.lockedUntil(one))
                        .as(one)
                        .hasValueSatisfying(until -> assertThat(until).isAfter(end.minus(Duration.ofHours(1))));
            }
        }
    }

    private static void settle(BackedUpCluster source) {
        try {
            source.cluster().execute("insert into t values (0)");
            source.settle();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
