package dev.muster.postgres.checks;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * PostgreSQL's checksum of a data page: 32 interleaved FNV-1a sums with a shift added, folded together with the block
 * number (src/include/storage/checksum_impl.h). Safe to call from several threads.
 */
public final class PageChecksum {
    private static final int LANES = 32;
    private static final int ROW = LANES * Integer.BYTES;
    private static final int PRIME = 16777619;
    /** Where pd_checksum and pd_upper lie in the page header. */
    private static final int CHECKSUM_OFFSET = 8;

    private static final int UPPER_OFFSET = 14;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int[] BASE = {
        0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2, 0x83E13D2C,
        0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C, 0xF718902A, 0x0B1C9CDB,
        0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979, 0xCCA6C0B2, 0x304A0979, 0x85AA43D4,
        0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E, 0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756
    };

    private PageChecksum() {}

    /**
     * The checksum that the page should carry, 1 to 65535.
     *
     * @param page holds the page from {@code offset} on; not changed
     * @param blockSize bytes of the page: a power of two from 1024 to 32768 (8192 unless PostgreSQL was built otherwise)
     * @param block the page's number in its relation, counted over all of the relation's files of 1 GB
     */
    public static int of(byte[] page, int offset, int blockSize, long block) {
        int[] sums = BASE.clone();
        int[] row = new int[LANES];
        load(page, offset, row);
        // The checksum's own field (with pd_flags in the upper half of the word) counts as zero.
        row[CHECKSUM_OFFSET / Integer.BYTES] &= 0xFFFF0000;
        mix(sums, row);
        for (int position = offset + ROW; position < offset + blockSize; position += ROW) {
            load(page, position, row);
            mix(sums, row);
        }
        Arrays.fill(row, 0);
        mix(sums, row);
        mix(sums, row);
        int folded = 0;
        for (int sum : sums) {
            folded ^= sum;
        }
        return Integer.remainderUnsigned(folded ^ (int) block, 65535) + 1;
    }

    /** The checksum that the page carries, 0 to 65535. */
    public static int stored(byte[] page, int offset) {
        return Short.toUnsignedInt((short) SHORT.get(page, offset + CHECKSUM_OFFSET));
    }

    /**
     * Whether PostgreSQL, with checksums on, would accept the page: all zeros (a page allocated but not written yet), or
     * the right checksum on a page that has a header.
     */
    public static boolean isValid(byte[] page, int offset, int blockSize, long block) {
        if ((short) SHORT.get(page, offset + UPPER_OFFSET) == 0) {
            return isZero(page, offset, blockSize);
        }
        return stored(page, offset) == of(page, offset, blockSize, block);
    }

    private static boolean isZero(byte[] page, int offset, int blockSize) {
        for (int position = offset; position < offset + blockSize; position += Long.BYTES) {
            if ((long) LONG.get(page, position) != 0) {
                return false;
            }
        }
        return true;
    }

    private static void load(byte[] page, int offset, int[] row) {
        for (int lane = 0; lane < LANES; lane++) {
            row[lane] = (int) INT.get(page, offset + lane * Integer.BYTES);
        }
    }

    private static void mix(int[] sums, int[] row) {
        for (int lane = 0; lane < LANES; lane++) {
            int value = sums[lane] ^ row[lane];
            sums[lane] = value * PRIME ^ value >>> 17;
        }
    }
}
