package dev.muster.postgres.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.restore.RecoveryTarget;
import dev.muster.repository.Repository;
import dev.muster.repository.expiry.Expiry;
import dev.muster.repository.expiry.ExpiryProgress;
import dev.muster.repository.expiry.ExpirySettings;
import dev.muster.repository.keys.KeyFile;
import dev.muster.repository.retention.RetentionPolicy;
import dev.muster.repository.retention.RetentionRules;
import dev.muster.storage.Stores;
import dev.muster.storage.testing.Thorough;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a real PostgreSQL: what is kept is enough. */
class RestoreAfterExpiryTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final WalPolicy HOUR = WalPolicy.window(Duration.ofHours(1));

    @TempDir
    private Path folder;

    private static void fill(BackedUpCluster source, int seed) throws Exception {
        for (int i = 0; i < 4; i++) {
            source.cluster()
                    .execute(
                            "insert into t select " + (seed * 10_000 + i * 1_000) + " + generate_series(1, 1000)",
                            "select pg_switch_wal()");
        }
    }

    @Test
    @Thorough
    @DisplayName(
            "After backups and WAL have expired the oldest backup kept starts at its own end, and the newest recovers to"
                    + " the latest point")
    void restores() throws Exception {
        try (BackedUpCluster source = BackedUpCluster.start(folder)) {
            source.cluster().execute("create table t (n int primary key)");
            List<BackupResult> backups = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                fill(source, i);
                backups.add(source.backup());
            }
            fill(source, 3);
            source.settle();
            KeyFile key = KeyFile.read(folder.resolve("key"));
            String url = source.store().toUri().toString();
            Clock tomorrow = Clock.offset(Clock.systemUTC(), DAY);
            try (Repository later = Repository.open(new LaterStore(Stores.open(url), DAY), key, tomorrow)) {
                RetentionPolicy two = new RetentionPolicy(RetentionRules.last(2), ZoneOffset.UTC);
                Expiry expiry = new Expiry(
                        later,
                        BackedUpCluster.SOURCE,
                        two,
                        ExpirySettings.defaults().withOrder(new WalOrder()));
                assertThat(expiry.apply(expiry.plan(), ExpiryProgress.NONE).expired())
                        .containsExactly(backups.get(0).backupId());
                WalExpiry wal = new WalExpiry(later, BackedUpCluster.SOURCE, HOUR);
                WalExpiryPlan plan = wal.plan();
                assertThat(plan.clusters().get(0).doubts()).isEmpty();
                WalExpiryResult result = wal.apply(plan, Progress.NONE);
                assertThat(result.objects()).isGreaterThan(4);
                assertThat(source.archive().ranges()).hasSize(2);
            }
            assertThat(BackedUpCluster.value(
                            source.recover(backups.get(1), "old", new RecoveryTarget.Immediate()),
                            "select count(*) from t"))
                    .isEqualTo("8000");
            assertThat(BackedUpCluster.value(
                            source.recover(backups.get(2), "new", new RecoveryTarget.Latest()),
                            "select count(*) from t"))
                    .isEqualTo("16000");
            assertThatThrownBy(() -> source.recover(backups.get(1), "far", new RecoveryTarget.Latest()))
                    .isInstanceOf(PostgresException.class);
        }
    }
}
