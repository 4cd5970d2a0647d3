package dev.muster.postgres.rowreturn;

/** A row's position packed into a number: block in the upper bits, offset from 1 in the lower 16; never 0. */
final class Tid {
    private Tid() {}

    static long of(long block, int offset) {
        return block << 16 | offset;
    }

    static long block(long tid) {
        return tid >>> 16;
    }

    static int offset(long tid) {
        return (int) (tid & 0xFFFF);
    }
}
