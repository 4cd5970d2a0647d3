package dev.muster.api.systems;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.catalog.IndexedBackup;
import dev.muster.catalog.IndexedTimelineSwitch;
import dev.muster.catalog.IndexedWalRange;
import dev.muster.catalog.SourceIndex;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecoveryPointsTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private static IndexedBackup backup(String id, int timeline, String stop, Instant stopTime) {
        return new IndexedBackup(id, "full", "7512", 180006, timeline, stop, stop, stopTime, stopTime, 1);
    }

    private static List<RecoveryPoints.Interval> of(
            List<IndexedBackup> backups, List<IndexedWalRange> ranges, IndexedTimelineSwitch... switches) {
        return RecoveryPoints.of(
                new SourceIndex("orders", "main", NOON, NOON.minusSeconds(5), backups, ranges, List.of(switches)));
    }

    @Test
    void twoBackupsOnOneStretchOfWalGiveOneInterval() {
        assertThat(of(
                        List.of(
                                backup("B2", 1, "0/5000000", NOON.minusSeconds(100)),
                                backup("B1", 1, "0/3000000", NOON.minusSeconds(500))),
                        List.of(new IndexedWalRange(1, "0/2000000", "0/8000000"))))
                .containsExactly(new RecoveryPoints.Interval(
                        "main",
                        1,
                        "0/3000000",
                        "0/8000000",
                        NOON.minusSeconds(500),
                        NOON.minusSeconds(5),
                        List.of("B2", "B1")));
    }

    @Test
    void aGapEndsAnIntervalAndOnlyTheNewestKnowsItsEndInTime() {
        assertThat(of(
                        List.of(
                                backup("B2", 1, "0/7000000", NOON.minusSeconds(100)),
                                backup("B1", 1, "0/3000000", NOON.minusSeconds(500))),
                        List.of(
                                new IndexedWalRange(1, "0/2000000", "0/4000000"),
                                new IndexedWalRange(1, "0/6000000", "0/8000000"))))
                .extracting(
                        RecoveryPoints.Interval::fromLsn,
                        RecoveryPoints.Interval::toLsn,
                        RecoveryPoints.Interval::toTime)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("0/3000000", "0/4000000", null),
                        org.assertj.core.groups.Tuple.tuple("0/7000000", "0/8000000", NOON.minusSeconds(5)));
    }

    @Test
    void aBackupLeadsOntoTheTimelinesThatLeftItsOwnAfterIt() {
        List<RecoveryPoints.Interval> intervals = of(
                List.of(backup("B1", 1, "0/3000000", NOON.minusSeconds(500))),
                List.of(
                        new IndexedWalRange(1, "0/2000000", "0/6000000"),
                        new IndexedWalRange(2, "0/5000000", "0/9000000"),
                        new IndexedWalRange(3, "0/2500000", "0/9000000")),
                new IndexedTimelineSwitch(2, 1, "0/5800000"),
                new IndexedTimelineSwitch(3, 1, "0/2800000"));
        assertThat(intervals)
                .extracting(RecoveryPoints.Interval::timeline, RecoveryPoints.Interval::fromLsn)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(1, "0/3000000"),
                        org.assertj.core.groups.Tuple.tuple(2, "0/5800000"));
    }

    @Test
    void aBackupWhoseWalIsMissingLeadsNowhere() {
        assertThat(of(
                        List.of(backup("B1", 1, "0/3000000", NOON)),
                        List.of(new IndexedWalRange(1, "0/4000000", "0/8000000"))))
                .isEmpty();
        assertThat(of(List.of(), List.of(new IndexedWalRange(1, "0/4000000", "0/8000000"))))
                .isEmpty();
    }

    @Test
    void madeUpTimelinesThatLeadInACircleEnd() {
        assertThat(of(
                        List.of(backup("B1", 1, "0/3000000", NOON)),
                        List.of(
                                new IndexedWalRange(1, "0/2000000", "0/6000000"),
                                new IndexedWalRange(2, "0/2000000", "0/6000000")),
                        new IndexedTimelineSwitch(2, 1, "0/4000000"),
                        new IndexedTimelineSwitch(1, 2, "0/4000000")))
                .hasSize(2);
    }
}
