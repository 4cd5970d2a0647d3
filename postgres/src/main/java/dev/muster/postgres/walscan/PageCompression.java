package dev.muster.postgres.walscan;

import static dev.muster.postgres.walscan.LittleEndian.u16;
import static dev.muster.postgres.walscan.LittleEndian.u8;

import java.util.Arrays;

/** The two small formats that full-page images may be compressed with, besides zstd. */
final class PageCompression {
    private PageCompression() {}

    /**
     * PostgreSQL's own LZ: a control byte announces eight items, each a literal byte or a reference back of 3 to 273
     * bytes.
     *
     * @throws IndexOutOfBoundsException if the input is damaged
     */
    static byte[] pglz(byte[] source, int offset, int length, int rawLength) {
        byte[] target = new byte[rawLength];
        int from = offset;
        int end = offset + length;
        int to = 0;
        while (from < end && to < rawLength) {
            int control = u8(source, from++);
            for (int item = 0; item < 8 && from < end && to < rawLength; item++) {
                if ((control & 1 << item) == 0) {
                    target[to++] = source[from++];
                    continue;
                }
                int first = u8(source, from);
                int count = (first & 0x0F) + 3;
                int distance = (first & 0xF0) << 4 | u8(source, from + 1);
                from += 2;
                if (count == 18) {
                    count += u8(source, from++);
                }
                to = repeat(target, to, distance, Math.min(count, rawLength - to));
            }
        }
        return from == end ? Arrays.copyOf(target, to) : new byte[0];
    }

    /**
     * One LZ4 block: runs of literals, each followed by a reference back of at least 4 bytes.
     *
     * @throws IndexOutOfBoundsException if the input is damaged
     */
    static byte[] lz4(byte[] source, int offset, int length, int rawLength) {
        byte[] target = new byte[rawLength];
        int from = offset;
        int end = offset + length;
        int to = 0;
        while (from < end) {
            int token = u8(source, from++);
            int literals = token >>> 4;
            if (literals == 15) {
                int more;
                do {
                    more = u8(source, from++);
                    literals += more;
                } while (more == 255);
            }
            System.arraycopy(source, from, target, to, literals);
            from += literals;
            to += literals;
            if (from >= end) {
                break;
            }
            int distance = u16(source, from);
            from += 2;
            int count = token & 0x0F;
            if (count == 15) {
                int more;
                do {
                    more = u8(source, from++);
                    count += more;
                } while (more == 255);
            }
            to = repeat(target, to, distance, count + 4);
        }
        return Arrays.copyOf(target, to);
    }

    /** Byte by byte, because the source of the copy may run into what it writes. */
    private static int repeat(byte[] target, int to, int distance, int count) {
        if (distance == 0) {
            throw new IndexOutOfBoundsException("A reference to itself");
        }
        int position = to;
        for (int i = 0; i < count; i++, position++) {
            target[position] = target[position - distance];
        }
        return position;
    }
}
