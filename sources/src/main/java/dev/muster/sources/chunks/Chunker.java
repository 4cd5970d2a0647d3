package dev.muster.sources.chunks;

import dev.muster.repository.frames.Frame;

/**
 * Says where to cut content into frames: where a rolling hash over the last 64 bytes has certain bits zero. So a byte
 * that is inserted moves the cuts near it only, and what comes behind is found again in an older backup, frame by frame.
 * The bits asked for are more before the length that is wanted and fewer behind it, which keeps lengths close to it (the
 * idea of FastCDC, USENIX ATC 2016).
 */
final class Chunker {
    /** In bytes. A frame is no shorter, but at the end or before a hole. */
    static final int LEAST = 32 << 10;

    /** In bytes: what most frames are near. */
    static final int WANTED = 64 << 10;

    /** In bytes. */
    static final int MOST = Frame.MAX_RAW;

    private static final long STRICT = mask(18);
    private static final long LOOSE = mask(14);
    private static final long[] GEAR = gear();

    private Chunker() {}

    /** The high bits: those depend on all of the last 64 bytes. */
    private static long mask(int bits) {
        return -1L << (Long.SIZE - bits);
    }

    /** Fixed numbers that look random; with others, no frame of an older backup would be found again. */
    private static long[] gear() {
        long[] numbers = new long[256];
        long state = 0x6d75737465722d31L;
        for (int i = 0; i < numbers.length; i++) {
            state += 0x9E3779B97F4A7C15L;
            long mixed = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
            mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
            numbers[i] = mixed ^ (mixed >>> 31);
        }
        return numbers;
    }

    /**
     * The length of the next frame, 1 to {@link #MOST}.
     *
     * @param available bytes from {@code from} on; fewer than {@link #MOST} only at the end of the content
     */
    static int cut(byte[] bytes, int from, int available) {
        int most = Math.min(available, MOST);
        if (most <= LEAST) {
            return most;
        }
        long hash = 0;
        for (int i = LEAST - Long.SIZE; i < LEAST; i++) {
            hash = (hash << 1) + GEAR[bytes[from + i] & 0xFF];
        }
        int wanted = Math.min(most, WANTED);
        int at = LEAST;
        for (; at < wanted; at++) {
            hash = (hash << 1) + GEAR[bytes[from + at] & 0xFF];
            if ((hash & STRICT) == 0) {
                return at + 1;
            }
        }
        for (; at < most; at++) {
            hash = (hash << 1) + GEAR[bytes[from + at] & 0xFF];
            if ((hash & LOOSE) == 0) {
                return at + 1;
            }
        }
        return most;
    }
}
