package dev.muster.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StartPositionTest {
    private static final int SIZE = 1 << 20;
    private static final TimelineHistory ONE = TimelineHistory.first();
    private static final TimelineHistory THREE = TimelineHistory.parse(
            3, "1\t0/500100\tpromoted\n2\t0/900100\tpromoted again\n".getBytes(StandardCharsets.UTF_8));

    private static Lsn lsn(long value) {
        return new Lsn(value);
    }

    private static StartPosition decide(TimelineHistory path, long flushed, Optional<Lsn> slot, WalRange... stored) {
        return StartPosition.decide(path, lsn(flushed), List.of(stored), slot, SIZE);
    }

    private static WalRange range(int timeline, long from, long to) {
        return new WalRange(timeline, lsn(from), lsn(to));
    }

    @Test
    void anEmptyStoreStartsWhereTheSlotKeepsWal() {
        assertThat(decide(ONE, 0x900000, Optional.of(lsn(0x300028)))).isEqualTo(new StartPosition(1, lsn(0x300000)));
        assertThat(decide(ONE, 0x900028, Optional.empty())).isEqualTo(new StartPosition(1, lsn(0x900000)));
        assertThat(decide(THREE, 0xA00000, Optional.of(lsn(0x600028)))).isEqualTo(new StartPosition(2, lsn(0x600000)));
    }

    @Test
    void aStoreWithWalGoesOnInTheSegmentWhereItEnds() {
        assertThat(decide(ONE, 0x900000, Optional.of(lsn(0x800000)), range(1, 0x100000, 0x400200)))
                .isEqualTo(new StartPosition(1, lsn(0x400000)));
    }

    @Test
    void aStoreThatEndsWithASegmentHasItComparedOnceMoreIfTheServerKeptIt() {
        WalRange stored = range(1, 0x300000, 0x400000);
        assertThat(decide(ONE, 0x900000, Optional.empty(), range(1, 0x100000, 0x200000), stored))
                .isEqualTo(new StartPosition(1, lsn(0x300000)));
        assertThat(decide(ONE, 0x900000, Optional.of(lsn(0x3FFFFF)), stored))
                .isEqualTo(new StartPosition(1, lsn(0x300000)));
        assertThat(decide(ONE, 0x900000, Optional.of(lsn(0x400000)), stored))
                .isEqualTo(new StartPosition(1, lsn(0x400000)));
        assertThat(decide(ONE, 0x900000, Optional.empty(), range(1, 0x380000, 0x400000)))
                .isEqualTo(new StartPosition(1, lsn(0x400000)));
    }

    @Test
    void anOlderTimelineIsFinishedFirstAndThenLeftWhereTheHistorySays() {
        assertThat(decide(THREE, 0xA00000, Optional.empty(), range(1, 0x100000, 0x400200)))
                .isEqualTo(new StartPosition(1, lsn(0x400000)));
        assertThat(decide(THREE, 0xA00000, Optional.empty(), range(1, 0x100000, 0x500100)))
                .isEqualTo(new StartPosition(2, lsn(0x500000)));
        // The old primary went on writing after the others had left it.
        assertThat(decide(THREE, 0xA00000, Optional.empty(), range(1, 0x100000, 0x700000)))
                .isEqualTo(new StartPosition(2, lsn(0x500000)));
        assertThat(decide(
                        THREE, 0xA00000, Optional.empty(), range(1, 0x100000, 0x700000), range(3, 0x900000, 0x900900)))
                .isEqualTo(new StartPosition(3, lsn(0x900000)));
    }

    @Test
    void aServerThatDoesNotContinueTheStoredWalIsRefused() {
        assertThatThrownBy(() -> decide(ONE, 0x900000, Optional.empty(), range(2, 0x500000, 0x600000)))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("TIMELINE_BEHIND"));
        TimelineHistory other = TimelineHistory.parse(3, "1\t0/500100\tpromoted\n".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> decide(other, 0x900000, Optional.empty(), range(2, 0x500000, 0x600000)))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("TIMELINE_DIVERGED"));
        assertThatThrownBy(() -> decide(ONE, 0x300000, Optional.empty(), range(1, 0x100000, 0x600000)))
                .isInstanceOfSatisfying(
                        PostgresException.class, e -> assertThat(e.code()).isEqualTo("SERVER_BEHIND_STORE"));
    }

    @Test
    void aHistoryIsReadAsPostgresWritesItAndADamagedOneIsRefused() {
        assertThat(THREE.newestFirst()).containsExactly(3, 2, 1);
        assertThat(THREE.timelineAt(lsn(0x500100))).isEqualTo(2);
        assertThat(THREE.startOf(3)).isEqualTo(lsn(0x900100));
        for (String damaged : List.of("1 0/500100\n1 0/600000\n", "4 0/500100\n", "one 0/500100\n", "1\n")) {
            assertThatThrownBy(() -> TimelineHistory.parse(3, damaged.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOfSatisfying(
                            PostgresException.class, e -> assertThat(e.code()).isEqualTo("HISTORY_DAMAGED"));
        }
    }

    @Test
    void segmentsAreNamedAsInPgWalForEachSize() {
        assertThat(new SegmentName(1, lsn(0x3_4100_0000L), 16 << 20)).hasToString("000000010000000300000041");
        assertThat(SegmentName.of(2, lsn(0x3_FFFF_FFFFL), 1 << 30)).hasToString("000000020000000300000003");
        assertThat(SegmentName.of(2, lsn(0x3_FFFF_FFFFL), 1 << 20)).hasToString("000000020000000300000FFF");
        assertThat(SegmentName.parse("000000020000000300000FFF", 1 << 20))
                .contains(SegmentName.of(2, lsn(0x3_FFFF_FFFFL), 1 << 20));
        assertThat(SegmentName.parse("000000020000000300000FFF", 1 << 30)).isEmpty();
        assertThat(SegmentName.parse("00000002000000030000", 1 << 20)).isEmpty();
        assertThat(SegmentName.historyOf("0000000A.history")).contains(10);
    }
}
