package dev.muster.activities.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.catalog.IndexedBackup;
import dev.muster.catalog.IndexedTimelineSwitch;
import dev.muster.catalog.IndexedWalRange;
import dev.muster.catalog.SourceIndex;
import dev.muster.runbooks.WalPosition;
import dev.muster.runbooks.observation.RepositoryObservation;
import dev.muster.workflows.recording.StoreObservation;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoreIndexingTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private static RepositoryObservation.Backup backup(String id, String stop) {
        return new RepositoryObservation.Backup(
                id,
                "full",
                "7512345678901234567",
                180_006,
                1,
                WalPosition.parse("0/4000028"),
                WalPosition.parse(stop),
                NOON,
                NOON.plusSeconds(30),
                12);
    }

    @Test
    void anObservationIsIndexedWithItsBackupsNewestFirstAndPositionsAsPostgresWritesThem() {
        SourceIndex index = StoreIndexing.index(new StoreObservation(
                "orders",
                "main",
                new RepositoryObservation(
                        NOON,
                        List.of(backup("old", "0/F000000"), backup("new", "1/0")),
                        List.of(new RepositoryObservation.WalRange(
                                2, WalPosition.parse("0/1000000"), WalPosition.parse("16/B374D848"))),
                        List.of(new RepositoryObservation.TimelineSwitch(2, 1, WalPosition.parse("0/A000000"))),
                        NOON.minusSeconds(2),
                        List.of(),
                        null,
                        null,
                        null)));
        assertThat(index.backups()).extracting(IndexedBackup::id).containsExactly("new", "old");
        assertThat(index.backups().get(0).stopLsn()).isEqualTo("1/0");
        assertThat(index.walRanges()).containsExactly(new IndexedWalRange(2, "0/1000000", "16/B374D848"));
        assertThat(index.timelines()).containsExactly(new IndexedTimelineSwitch(2, 1, "0/A000000"));
        assertThat(index.walEndTime()).isEqualTo(NOON.minusSeconds(2));
        assertThat(index.observedAt()).isEqualTo(NOON);
    }
}
