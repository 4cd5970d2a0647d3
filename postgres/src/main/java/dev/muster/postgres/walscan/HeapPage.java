package dev.muster.postgres.walscan;

import static dev.muster.postgres.walscan.LittleEndian.i32;
import static dev.muster.postgres.walscan.LittleEndian.u16;
import static dev.muster.postgres.walscan.LittleEndian.u32;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A heap page as a list of tuples by line pointer; where they lie in the page does not matter for reading them. */
final class HeapPage {
    private static final int HEADER = 24;
    private static final int NORMAL = 1;

    private final Map<Integer, byte[]> tuples = new HashMap<>();
    private long lsn;

    /** A page without tuples, as replay makes one. */
    static HeapPage empty() {
        return new HeapPage();
    }

    static HeapPage parse(byte[] bytes, int offset) {
        HeapPage page = new HeapPage();
        page.lsn = u32(bytes, offset) << 32 | u32(bytes, offset + 4);
        int lower = u16(bytes, offset + 12);
        int count = lower < HEADER || lower > BlockReference.PAGE ? 0 : (lower - HEADER) / 4;
        for (int i = 0; i < count; i++) {
            int pointer = i32(bytes, offset + HEADER + 4 * i);
            int at = pointer & 0x7FFF;
            int flags = pointer >>> 15 & 0x3;
            int length = pointer >>> 17;
            if (flags == NORMAL && length >= HeapTuple.HEADER && at + length <= BlockReference.PAGE) {
                page.tuples.put(i + 1, Arrays.copyOfRange(bytes, offset + at, offset + at + length));
            }
        }
        return page;
    }

    HeapPage copy() {
        HeapPage page = new HeapPage();
        page.lsn = lsn;
        tuples.forEach((offset, tuple) -> page.tuples.put(offset, tuple.clone()));
        return page;
    }

    long lsn() {
        return lsn;
    }

    void setLsn(long value) {
        lsn = value;
    }

    /** The tuple at line pointer {@code offset} (from 1), or null where it is unused, dead or redirected. */
    byte @Nullable [] tuple(int offset) {
        return tuples.get(offset);
    }

    void put(int offset, byte[] tuple) {
        tuples.put(offset, tuple);
    }

    void remove(int offset) {
        tuples.remove(offset);
    }

    void each(Consumer<byte[]> consumer) {
        tuples.values().forEach(consumer);
    }
}
