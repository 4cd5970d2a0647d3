package dev.muster.postgres.incremental;

import java.util.BitSet;
import java.util.TreeMap;

/**
 * Numbers of blocks. A bit for each block of a stretch of 4,096 in which any is set, so that a terabyte whose every
 * stretch has a changed block takes some 25 MB, and one changed block some 200 bytes.
 */
public final class BlockSet {
    private static final int STRETCH = 4096;

    private final TreeMap<Long, BitSet> stretches = new TreeMap<>();

    /** @param block 0 or more */
    public void add(long block) {
        stretches.computeIfAbsent(block / STRETCH, number -> new BitSet()).set((int) (block % STRETCH));
    }

    /** The first one from a number on, or {@code limit} if none comes before that. */
    public long next(long from, long limit) {
        return find(from, limit, true);
    }

    /** The first number from one on that is not in the set, or {@code limit} if none comes before that. */
    public long nextAbsent(long from, long limit) {
        return find(from, limit, false);
    }

    private long find(long from, long limit, boolean present) {
        for (long at = from; at < limit; ) {
            long number = at / STRETCH;
            BitSet bits = stretches.get(number);
            if (bits == null) {
                if (!present) {
                    return at;
                }
                Long following = stretches.ceilingKey(number);
                at = following == null ? limit : following * STRETCH;
                continue;
            }
            int inside = (int) (at % STRETCH);
            int found = present ? bits.nextSetBit(inside) : bits.nextClearBit(inside);
            if (found >= 0 && found < STRETCH) {
                return Math.min(limit, number * STRETCH + found);
            }
            at = (number + 1) * STRETCH;
        }
        return limit;
    }

    /** How many there are from one number on, before another. */
    public long count(long from, long limit) {
        long count = 0;
        for (long at = next(from, limit); at < limit; ) {
            long end = nextAbsent(at, limit);
            count += end - at;
            at = next(end, limit);
        }
        return count;
    }
}
