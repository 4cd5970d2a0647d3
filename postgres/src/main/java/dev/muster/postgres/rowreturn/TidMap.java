package dev.muster.postgres.rowreturn;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Maps row positions of one relation to numbers other than 0, as one array per block: rows that a transaction makes lie
 * close together, so that an entry takes little more than 8 bytes.
 */
final class TidMap {
    /** Offsets count from 1: the first place holds how many of the others are taken. */
    private static final int USED = 0;

    private final Map<Long, long[]> blocks = new HashMap<>();

    void put(long block, int offset, long value) {
        long[] values = blocks.get(block);
        if (values == null || offset >= values.length) {
            values = values == null
                    ? new long[Math.max(8, offset + 1)]
                    : Arrays.copyOf(values, Math.max(2 * values.length, offset + 1));
            blocks.put(block, values);
        }
        if (values[offset] == 0) {
            values[USED]++;
        }
        values[offset] = value;
    }

    /** Removes and returns the value, or 0. */
    long remove(long block, int offset) {
        long[] values = blocks.get(block);
        if (values == null || offset >= values.length) {
            return 0;
        }
        long value = values[offset];
        values[offset] = 0;
        if (value != 0 && --values[USED] == 0) {
            // A transaction that updates and deletes row by row would else hold every block that it ever touched.
            blocks.remove(block);
        }
        return value;
    }

    int blocks() {
        return blocks.size();
    }
}
