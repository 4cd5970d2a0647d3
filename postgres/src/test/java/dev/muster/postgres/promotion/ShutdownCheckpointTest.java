package dev.muster.postgres.promotion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.postgres.Lsn;
import org.junit.jupiter.api.Test;

class ShutdownCheckpointTest {
    @Test
    void theEndOfARecordIsCountedOverPagesAndSegments() {
        int segment = 1 << 20;
        assertThat(ShutdownCheckpoint.end(new Lsn(8192 - 120), 114, segment)).isEqualTo(new Lsn(8192));
        assertThat(ShutdownCheckpoint.end(new Lsn(8192 - 24), 114, segment)).isEqualTo(new Lsn(8192 + 24 + 96));
        assertThat(ShutdownCheckpoint.end(new Lsn(segment - 24), 114, segment)).isEqualTo(new Lsn(segment + 40 + 96));
    }
}
