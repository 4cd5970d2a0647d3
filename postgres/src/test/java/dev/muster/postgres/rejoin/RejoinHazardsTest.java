package dev.muster.postgres.rejoin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.Progress;
import dev.muster.postgres.TestCluster;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.backup.PhysicalBackup;
import dev.muster.postgres.replication.ServerAddress;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.WalReceiver;
import dev.muster.storage.testing.Thorough;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Thorough
class RejoinHazardsTest {
    private static final String ROWS = "select count(*) || md5(string_agg(t::text, ',' order by n)) from orders t";
    private static final int MEGABYTE = 1 << 20;

    @TempDir
    Path folder;

    private static void assertSameRows(FailedOver failover) throws Exception {
        String expected = BackedUpCluster.value(failover.standby, ROWS);
        await().atMost(BackedUpCluster.LIMIT)
                .untilAsserted(() -> assertThat(failover.old().value(ROWS)).isEqualTo(expected));
    }

    private static RejoinResult rejoin(FailedOver failover) {
        Rejoin rejoin = failover.rejoin();
        return rejoin.run(Optional.of(RejoinApproval.of(rejoin.examine())), phase -> {}, Progress.NONE);
    }

    @Test
    void aBackupOfTheNewPrimaryIsRestoredOverTheOldOneWhichKeepsItsOwnConfiguration() throws Exception {
        try (FailedOver failover = FailedOver.beforePromotion(folder)) {
            failover.old().execute("update orders set state = 'lost'");
            failover.old().server().stop(TestCluster.LIMIT);
            failover.promote();
            WalReceiver.Settings settings = new WalReceiver.Settings(
                    "after", Duration.ofMillis(100), 8 << 20, Duration.ofMillis(50), Duration.ofSeconds(1), false);
            try (WalReceiver receiver = new WalReceiver(
                    ServerAddress.trusted("127.0.0.1", failover.standby.port(), "postgres"),
                    failover.source.repository(),
                    BackedUpCluster.SOURCE,
                    settings,
                    Clock.systemUTC())) {
                receiver.start();
                BackupResult later = new PhysicalBackup(
                                failover.source.repository(),
                                BackedUpCluster.SOURCE,
                                failover.standby.dataSource("postgres"),
                                PhysicalBackup.Settings.defaults(failover.standby.dataDirectory(), "test"))
                        .run(Progress.NONE);
                failover.onNew("delete from orders where n < 100");
                RejoinResult result = rejoin(failover);
                assertThat(result.backup()).contains(later.backupId());
                assertThat(failover.old().value("show port"))
                        .isEqualTo(Integer.toString(failover.old().port()));
                assertSameRows(failover);
            }
        }
    }

    @Test
    void damageInTheDivergentWalIsSaidAndAllOfItIsSalvagedAllTheSame() throws Exception {
        try (FailedOver failover = FailedOver.beforePromotion(folder)) {
            Lsn fork = failover.old().flushed();
            for (int i = 0; i < 40; i++) {
                failover.old()
                        .execute("insert into orders select g, repeat('lost', 20) from generate_series(" + (10_000 + i)
                                + ", " + (10_500 + i) + ") g");
            }
            Lsn end = failover.old().flushed();
            failover.crashOld();
            failover.promote();
            assertThat(end.minus(fork)).isGreaterThan(2L * MEGABYTE);
            Lsn damaged = fork.plus(end.minus(fork) / 2);
            SegmentName segment = SegmentName.of(1, damaged, MEGABYTE);
            try (RandomAccessFile file = new RandomAccessFile(
                    failover.old().data().resolve("pg_wal/" + segment).toFile(), "rw")) {
                file.seek(damaged.minus(segment.start()));
                file.write(new byte[64]);
            }
            Ancestry ancestry = failover.ancestry();
            assertThat(ancestry.damaged()).as(ancestry.why()).isTrue();
            RejoinResult result = rejoin(failover);
            SalvageReport report = failover.salvages().show(result.salvage().orElseThrow());
            assertThat(report.committed()).isBetween(1L, 39L);
            assertThat(report.doubts()).anySatisfy(doubt -> assertThat(doubt).contains("are not listed"));
            Salvaged salvaged = failover.salvages().list().get(0);
            assertThat(salvaged.bytes()).isGreaterThanOrEqualTo(end.minus(fork));
            assertSameRows(failover);
        }
    }
}
