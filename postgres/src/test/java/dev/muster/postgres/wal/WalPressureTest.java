package dev.muster.postgres.wal;

import static dev.muster.postgres.wal.WalPressure.Level.CRITICAL;
import static dev.muster.postgres.wal.WalPressure.Level.FINE;
import static dev.muster.postgres.wal.WalPressure.Level.WARNING;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WalPressureTest {
    private static final long GB = 1_000_000_000L;

    @Test
    @DisplayName("pg_wal nearly full is told before the disk is, with who holds it back")
    void disk() {
        assertThat(pressure(2 * GB, 8 * GB, slot("reserved", OptionalLong.empty()))
                        .verdict()
                        .level())
                .isEqualTo(FINE);
        assertThat(pressure(8 * GB, 2 * GB, slot("reserved", OptionalLong.empty()))
                        .verdict())
                .satisfies(verdict -> {
                    assertThat(verdict.level()).isEqualTo(WARNING);
                    assertThat(verdict.why()).contains("8,000 MB", "2,000 MB are free", "muster", "start the receiver");
                });
        assertThat(pressure(8 * GB, GB / 2, slot("reserved", OptionalLong.empty()))
                        .verdict()
                        .level())
                .isEqualTo(CRITICAL);
    }

    @Test
    @DisplayName("A slot near max_slot_wal_keep_size is told before it is lost, and a lost one asks for a full backup")
    void slot() {
        assertThat(pressure(GB, 9 * GB, slot("extended", OptionalLong.of(9 * GB)))
                        .verdict()
                        .level())
                .isEqualTo(FINE);
        assertThat(pressure(GB, 9 * GB, slot("extended", OptionalLong.of(GB / 2)))
                        .verdict()
                        .level())
                .isEqualTo(WARNING);
        assertThat(pressure(GB, 9 * GB, slot("extended", OptionalLong.of(GB / 100)))
                        .verdict()
                        .level())
                .isEqualTo(CRITICAL);
        assertThat(pressure(GB, 9 * GB, slot("unreserved", OptionalLong.of(0)))
                        .verdict()
                        .level())
                .isEqualTo(CRITICAL);
        assertThat(pressure(GB, 9 * GB, slot("lost", OptionalLong.empty())).verdict())
                .satisfies(verdict -> {
                    assertThat(verdict.level()).isEqualTo(CRITICAL);
                    assertThat(verdict.why()).contains("full backup");
                });
    }

    private static WalPressure pressure(long directory, long free, WalPressure.Slot slot) {
        return new WalPressure(directory, OptionalLong.of(free), Optional.of(slot));
    }

    private static WalPressure.Slot slot(String status, OptionalLong safe) {
        return new WalPressure.Slot("muster", false, status, GB, safe);
    }
}
