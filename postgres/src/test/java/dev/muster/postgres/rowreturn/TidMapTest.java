package dev.muster.postgres.rowreturn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TidMapTest {
    @Test
    void aBlockWhoseRowsWereAllTakenOutTakesNoMemory() {
        TidMap map = new TidMap();
        for (long block = 0; block < 1_000; block++) {
            for (int offset = 1; offset <= 60; offset++) {
                map.put(block, offset, 7);
                map.put(block, offset, offset);
            }
            for (int offset = 1; offset <= 60; offset++) {
                assertThat(map.remove(block, offset)).isEqualTo(offset);
                assertThat(map.remove(block, offset)).isZero();
            }
        }
        assertThat(map.blocks()).isZero();
    }
}
