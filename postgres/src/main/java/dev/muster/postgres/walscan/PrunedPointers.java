package dev.muster.postgres.walscan;

import static dev.muster.postgres.walscan.LittleEndian.u16;
import static dev.muster.postgres.walscan.LittleEndian.u8;

import java.util.ArrayList;
import java.util.List;

/** Which line pointers a prune or vacuum record makes redirected, dead or unused: their tuples are gone. */
final class PrunedPointers {
    private static final int PRUNE = 0x10;
    private static final int VACUUM = 0x20;
    private static final int CLEANUP = 0x30;
    private static final int HAS_FREEZE_PLANS = 0x10;
    private static final int HAS_REDIRECTIONS = 0x20;
    private static final int HAS_DEAD = 0x40;
    private static final int HAS_UNUSED = 0x80;
    private static final int FREEZE_PLAN = 12;

    private PrunedPointers() {}

    static List<Integer> of(WalRecord record, BlockReference block) {
        int operation = record.info() & RowChanges.OPERATION;
        if (block.id() != 0 || (operation != PRUNE && operation != VACUUM && operation != CLEANUP)) {
            return List.of();
        }
        return record.format().atLeast(17) ? since17(record, block) : before17(record, block, operation);
    }

    private static List<Integer> since17(WalRecord record, BlockReference block) {
        byte[] bytes = record.bytes();
        int flags = u8(bytes, record.mainOffset() + 1);
        int position = block.dataOffset;
        List<Integer> gone = new ArrayList<>();
        if ((flags & HAS_FREEZE_PLANS) != 0) {
            position += 4 + FREEZE_PLAN * u16(bytes, position);
        }
        if ((flags & HAS_REDIRECTIONS) != 0) {
            int count = u16(bytes, position);
            position += 2;
            for (int i = 0; i < count; i++, position += 4) {
                gone.add(u16(bytes, position));
            }
        }
        for (int kind : new int[] {HAS_DEAD, HAS_UNUSED}) {
            if ((flags & kind) != 0) {
                int count = u16(bytes, position);
                position += 2;
                for (int i = 0; i < count; i++, position += 2) {
                    gone.add(u16(bytes, position));
                }
            }
        }
        return gone;
    }

    private static List<Integer> before17(WalRecord record, BlockReference block, int operation) {
        byte[] bytes = record.bytes();
        List<Integer> gone = new ArrayList<>();
        int position = block.dataOffset;
        int end = position + block.dataLength();
        if (operation == CLEANUP) {
            // Was a record of its own for freezing, which removes nothing.
            return List.of();
        }
        if (operation == PRUNE) {
            int redirected = u16(bytes, record.mainOffset() + 4);
            for (int i = 0; i < redirected; i++, position += 4) {
                gone.add(u16(bytes, position));
            }
        }
        for (; position < end; position += 2) {
            gone.add(u16(bytes, position));
        }
        return gone;
    }
}
