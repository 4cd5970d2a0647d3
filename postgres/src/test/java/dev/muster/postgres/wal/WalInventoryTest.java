package dev.muster.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.Lsn;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WalInventoryTest {
    private static final TimelineHistory SECOND =
            TimelineHistory.parse(2, "1\t0/500\tpromoted\n".getBytes(StandardCharsets.UTF_8));

    @Test
    @DisplayName("WAL missing within a timeline is a gap; what is missing before the oldest is none")
    void within() {
        assertThat(WalGaps.of(List.of(range(1, 0x100, 0x200)), Map.of())).isEmpty();
        assertThat(WalGaps.of(List.of(range(1, 0x100, 0x200), range(1, 0x300, 0x400)), Map.of()))
                .containsExactly(range(1, 0x200, 0x300));
    }

    @Test
    @DisplayName("A gap at a timeline switch: the old timeline must reach the switch, the new one must begin there")
    void atTheSwitch() {
        assertThat(WalGaps.of(List.of(range(1, 0x100, 0x500), range(2, 0x500, 0x600)), Map.of(2, SECOND)))
                .isEmpty();
        // The old primary went on; the new timeline begins with the segment that holds the switch.
        assertThat(WalGaps.of(List.of(range(1, 0x100, 0x900), range(2, 0x400, 0x600)), Map.of(2, SECOND)))
                .isEmpty();
        assertThat(WalGaps.of(List.of(range(1, 0x100, 0x480), range(2, 0x580, 0x600)), Map.of(2, SECOND)))
                .containsExactly(range(1, 0x480, 0x500), range(2, 0x500, 0x580));
        assertThat(WalGaps.of(List.of(range(2, 0x580, 0x600)), Map.of(2, SECOND)))
                .isEmpty();
    }

    @Test
    @DisplayName("A timeline between two others that has no WAL at all is a gap, told once")
    void aTimelineWithoutWal() {
        byte[] twice = "1\t0/500\tpromoted\n2\t0/700\tpromoted\n".getBytes(StandardCharsets.UTF_8);
        Map<Integer, TimelineHistory> histories =
                Map.of(3, TimelineHistory.parse(3, twice), 4, TimelineHistory.parse(4, twice));
        assertThat(WalGaps.of(
                        List.of(range(1, 0x100, 0x500), range(3, 0x700, 0x800), range(4, 0x700, 0x900)), histories))
                .containsExactly(range(2, 0x500, 0x700));
        assertThat(WalGaps.of(List.of(range(3, 0x700, 0x800)), histories)).isEmpty();
    }

    private static WalRange range(int timeline, long from, long to) {
        return new WalRange(timeline, new Lsn(from), new Lsn(to));
    }
}
