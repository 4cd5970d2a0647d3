package dev.muster.postgres.fence;

/** The check sum of POSIX {@code cksum}, which the starter script has at hand everywhere. */
final class Cksum {
    private static final int POLYNOMIAL = 0x04C11DB7;

    private Cksum() {}

    static long of(byte[] bytes) {
        int sum = 0;
        for (byte value : bytes) {
            sum = add(sum, value);
        }
        for (long length = bytes.length; length != 0; length >>>= 8) {
            sum = add(sum, (byte) length);
        }
        return ~sum & 0xFFFFFFFFL;
    }

    private static int add(int sum, byte value) {
        int next = sum ^ ((value & 0xFF) << 24);
        for (int bit = 0; bit < 8; bit++) {
            next = next < 0 ? (next << 1) ^ POLYNOMIAL : next << 1;
        }
        return next;
    }
}
