package dev.muster.postgres.walscan;

import static dev.muster.postgres.walscan.LittleEndian.u16;
import static dev.muster.postgres.walscan.LittleEndian.u8;

/** Tells which rows a heap record inserts, updates and deletes. */
public final class RowChanges {
    static final int OPERATION = 0x70;
    static final int INITIALISES_PAGE = 0x80;
    static final int INSERT = 0x00;
    static final int DELETE = 0x10;
    static final int UPDATE = 0x20;
    static final int HOT_UPDATE = 0x40;
    static final int LOCK = 0x60;
    static final int INPLACE = 0x70;
    static final int MULTI_INSERT = 0x50;
    static final int LOCK_UPDATED = 0x60;
    static final int DELETE_IS_SUPER = 0x08;
    static final int DELETE_IS_PARTITION_MOVE = 0x10;

    /** Where the changes go. Blocks count from 0, offsets in a block from 1. */
    public interface Sink {
        void inserted(RelationFile relation, long block, int offset);

        void updated(RelationFile relation, long oldBlock, int oldOffset, long newBlock, int newOffset);

        void deleted(RelationFile relation, long block, int offset);

        /** The row went to another partition by an UPDATE; its insertion there comes as a record of its own. */
        void movedAway(RelationFile relation, long block, int offset);

        /** A speculative insertion (ON CONFLICT) was taken back. */
        void insertionTakenBack(RelationFile relation, long block, int offset);
    }

    private RowChanges() {}

    /** Whether the record may change rows at all; cheap. */
    public static boolean isHeapRecord(WalRecord record) {
        return record.resourceManager() == WalRecord.HEAP || record.resourceManager() == WalRecord.HEAP2;
    }

    /** Passes the record's row changes to the sink; does nothing for records that change no rows. */
    public static void decode(WalRecord record, Sink sink) {
        if (record.blocks().isEmpty()) {
            return;
        }
        byte[] bytes = record.bytes();
        int main = record.mainOffset();
        BlockReference block = record.blocks().get(0);
        RelationFile relation = block.relation();
        int operation = record.info() & OPERATION;
        if (record.resourceManager() == WalRecord.HEAP2) {
            if (operation == MULTI_INSERT) {
                boolean initialises = (record.info() & INITIALISES_PAGE) != 0;
                int rows = u16(bytes, main + 2);
                for (int row = 0; row < rows; row++) {
                    sink.inserted(relation, block.block(), initialises ? row + 1 : u16(bytes, main + 4 + 2 * row));
                }
            }
            return;
        }
        if (record.resourceManager() != WalRecord.HEAP) {
            return;
        }
        switch (operation) {
            case INSERT -> sink.inserted(relation, block.block(), u16(bytes, main));
            case DELETE -> {
                int offset = u16(bytes, main + 4);
                int flags = u8(bytes, main + 7);
                if ((flags & DELETE_IS_SUPER) != 0) {
                    sink.insertionTakenBack(relation, block.block(), offset);
                } else if ((flags & DELETE_IS_PARTITION_MOVE) != 0) {
                    sink.movedAway(relation, block.block(), offset);
                } else {
                    sink.deleted(relation, block.block(), offset);
                }
            }
            case UPDATE, HOT_UPDATE -> {
                // The old page is named only where it differs from the new one.
                long old = record.blocks().size() > 1 ? record.blocks().get(1).block() : block.block();
                sink.updated(relation, old, u16(bytes, main + 4), block.block(), u16(bytes, main + 12));
            }
            default -> {
                // Locks, confirmations and in-place changes touch no row's existence.
            }
        }
    }
}
