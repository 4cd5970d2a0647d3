package dev.muster.postgres.walscan;

import static dev.muster.postgres.walscan.LittleEndian.put16;
import static dev.muster.postgres.walscan.LittleEndian.put32;
import static dev.muster.postgres.walscan.LittleEndian.u16;
import static dev.muster.postgres.walscan.LittleEndian.u32;
import static dev.muster.postgres.walscan.LittleEndian.u8;

import java.util.Set;

/** The header of a tuple, in a byte array of its own: who made it, who deleted it, and whether a reader sees it. */
final class HeapTuple {
    /** Fixed part of the header; the null bitmap begins here. */
    static final int HEADER = 23;

    private static final int XMAX = 4;
    private static final int CTID = 12;
    private static final int INFOMASK2 = 18;
    private static final int INFOMASK = 20;
    private static final int DATA_OFFSET = 22;

    private static final int XMAX_KEY_SHARE = 0x0010;
    private static final int XMAX_EXCLUSIVE = 0x0040;
    private static final int XMAX_LOCK_ONLY = 0x0080;
    private static final int XMIN_COMMITTED = 0x0100;
    private static final int XMIN_INVALID = 0x0200;
    private static final int XMIN_FROZEN = XMIN_COMMITTED | XMIN_INVALID;
    private static final int XMAX_COMMITTED = 0x0400;
    private static final int XMAX_INVALID = 0x0800;
    private static final int XMAX_IS_MULTI = 0x1000;
    private static final int XMAX_BITS =
            XMAX_COMMITTED | XMAX_INVALID | XMAX_IS_MULTI | XMAX_LOCK_ONLY | XMAX_KEY_SHARE | XMAX_EXCLUSIVE;

    /** Tells whether a transaction is committed, as of the moment that is looked at. */
    interface Committed {
        boolean test(long xid);
    }

    private HeapTuple() {}

    /** Builds a tuple from what a record holds: header fields, then bitmap and data as they follow byte 23. */
    static byte[] build(byte[] source, int offset, int length, int infomask2, int infomask, int dataOffset) {
        byte[] tuple = new byte[HEADER + length];
        System.arraycopy(source, offset, tuple, HEADER, length);
        put16(tuple, INFOMASK2, infomask2);
        put16(tuple, INFOMASK, infomask);
        tuple[DATA_OFFSET] = (byte) dataOffset;
        return tuple;
    }

    static int dataOffset(byte[] tuple) {
        return u8(tuple, DATA_OFFSET);
    }

    static void setMaker(byte[] tuple, long xid, long block, int offset) {
        put32(tuple, 0, xid);
        setNext(tuple, block, offset);
    }

    static void setXmax(byte[] tuple, long xmax) {
        put32(tuple, XMAX, xmax);
    }

    static void clearMaker(byte[] tuple) {
        put32(tuple, 0, 0);
        put16(tuple, INFOMASK, u16(tuple, INFOMASK) | XMIN_INVALID);
    }

    static void setNext(byte[] tuple, long block, int offset) {
        put16(tuple, CTID, (int) (block >>> 16));
        put16(tuple, CTID + 2, (int) block);
        put16(tuple, CTID + 4, offset);
    }

    /** Marks the tuple deleted, updated or locked by {@code xmax}; {@code bits} as a record's infobits_set. */
    static void mark(byte[] tuple, long xmax, int bits) {
        int infomask = u16(tuple, INFOMASK) & ~XMAX_BITS;
        if ((bits & 0x01) != 0) {
            infomask |= XMAX_IS_MULTI;
        }
        if ((bits & 0x02) != 0) {
            infomask |= XMAX_LOCK_ONLY;
        }
        if ((bits & 0x04) != 0) {
            infomask |= XMAX_EXCLUSIVE;
        }
        if ((bits & 0x08) != 0) {
            infomask |= XMAX_KEY_SHARE;
        }
        put16(tuple, INFOMASK, infomask);
        setXmax(tuple, xmax);
    }

    static long xmin(byte[] tuple) {
        return u32(tuple, 0);
    }

    static boolean isMade(byte[] tuple, Committed committed) {
        int infomask = u16(tuple, INFOMASK);
        if ((infomask & XMIN_FROZEN) == XMIN_FROZEN) {
            return true;
        }
        if ((infomask & XMIN_INVALID) != 0) {
            return false;
        }
        return (infomask & XMIN_COMMITTED) != 0 || committed.test(xmin(tuple));
    }

    static boolean isDeleted(byte[] tuple, Committed committed) {
        int infomask = u16(tuple, INFOMASK);
        long xmax = u32(tuple, XMAX);
        if ((infomask & XMAX_INVALID) != 0 || xmax == 0 || (infomask & XMAX_LOCK_ONLY) != 0) {
            return false;
        }
        if ((infomask & XMAX_IS_MULTI) != 0) {
            // Locked by some and updated by one of them; which one stands in pg_multixact. An updated tuple of a
            // catalogue points to its successor, and lists what happened long before the moment in question.
            return true;
        }
        return (infomask & XMAX_COMMITTED) != 0 || committed.test(xmax);
    }

    static boolean isVisible(byte[] tuple, Committed committed) {
        return isMade(tuple, committed) && !isDeleted(tuple, committed);
    }

    /** Whether one of the transactions made the tuple. */
    static boolean isMadeBy(byte[] tuple, Set<Long> transactions) {
        return transactions.contains(xmin(tuple));
    }
}
