package dev.muster.postgres.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.BackedUpCluster;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.backup.BackupResult;
import dev.muster.postgres.wal.SegmentName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReachablePointsTest {
    @TempDir
    Path folder;

    private BackedUpCluster source;

    @BeforeEach
    void start() throws Exception {
        source = BackedUpCluster.start(folder);
    }

    @AfterEach
    void stop() {
        source.close();
    }

    private List<ReachablePoints.Points> points() {
        return ReachablePoints.of(source.repository(), BackedUpCluster.SOURCE);
    }

    @Test
    void theEndOfABackupTheLastCommitAndTheTimelinesThatLeftItAreNamed() throws Exception {
        BackupResult backup = source.backup();
        source.cluster().execute("create table t as select generate_series(1, 100) n");
        Instant committed = Instant.parse(source.cluster()
                .value("select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
        Lsn end = source.settle();

        assertThat(points()).hasSize(1);
        ReachablePoints.Points only = points().get(0);
        assertThat(only.backupId()).isEqualTo(backup.backupId());
        assertThat(only.earliest()).isEqualTo(backup.summary().stop());
        assertThat(only.earliestTime()).isEqualTo(backup.summary().stopTime());
        assertThat(only.latest()).isGreaterThanOrEqualTo(end);
        assertThat(only.latestTime().orElseThrow()).isBetween(committed.minus(Duration.ofSeconds(5)), committed);
        assertThat(only.gap()).isEmpty();
        assertThat(only.restorable()).isTrue();

        // Two timelines that left: one after this backup, with a gap at the switch, and one before it.
        var archive = source.archive();
        archive.storeHistory(2, ("1\t" + end + "\tpromoted\n").getBytes(StandardCharsets.UTF_8));
        archive.storeHistory(3, ("1\t" + backup.summary().start() + "\tpromoted\n").getBytes(StandardCharsets.UTF_8));
        SegmentName onTwo = SegmentName.of(2, end, archive.segmentSize());
        archive.storeSegment(onTwo.next(), new byte[archive.segmentSize()]);
        archive.storeSegment(
                SegmentName.of(3, backup.summary().start(), archive.segmentSize()), new byte[archive.segmentSize()]);
        assertThat(points()).extracting(ReachablePoints.Points::timeline).containsExactly(1, 2);
        ReachablePoints.Points second = points().get(1);
        assertThat(second.latest()).isEqualTo(end);
        assertThat(second.gap()).contains(new ReachablePoints.Gap(2, end, onTwo.end()));
    }

    @Test
    void walThatIsMissingInTheMiddleEndsWhatCanBeReached() throws Exception {
        BackupResult backup = source.backup();
        for (int i = 0; i < 5; i++) {
            source.cluster()
                    .execute("create table t" + i + " as select generate_series(1, 100) n", "select pg_switch_wal()");
        }
        Lsn end = source.settle();
        SegmentName lost =
                SegmentName.of(1, backup.summary().stop(), 1 << 20).next().next();
        try (var files = Files.walk(source.store())) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().contains(lost.toString()))
                    .toList()) {
                Files.delete(file);
            }
        }
        ReachablePoints.Points points = points().get(0);
        assertThat(points.latest()).isEqualTo(lost.start()).isLessThan(end);
        assertThat(points.gap()).contains(new ReachablePoints.Gap(1, lost.start(), lost.end()));
        assertThat(points.restorable()).isTrue();
        TargetCheck.NeededWal all =
                TargetCheck.neededWal(new RecoveryTarget.Position(end, true), 1, backup.summary(), source.archive());
        assertThat(all.isThere()).isFalse();
        assertThat(all.stored()).isEqualTo(lost.start());
        assertThat(all.bytes()).isEqualTo(end.minus(backup.summary().start()));
        assertThat(TargetCheck.neededWal(new RecoveryTarget.Immediate(), 1, backup.summary(), source.archive())
                        .isThere())
                .isTrue();
    }
}
