package dev.muster.postgres.walscan;

import static dev.muster.postgres.walscan.LittleEndian.u16;
import static dev.muster.postgres.walscan.LittleEndian.u32;
import static dev.muster.postgres.walscan.LittleEndian.u8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The pages of one catalogue's file, from the backup on, kept up to date by replaying the WAL that changes them. */
final class CatalogueHeap {
    private static final int PREFIX_FROM_OLD = 0x20;
    private static final int SUFFIX_FROM_OLD = 0x40;

    private final Map<Long, HeapPage> pages = new HashMap<>();
    private final Consumer<byte[]> onTuple;
    private boolean incomplete;

    /** @param onTuple sees each tuple that comes in, from the backup or from WAL, committed or not */
    CatalogueHeap(Consumer<byte[]> onTuple) {
        this.onTuple = onTuple;
    }

    /** Loads the pages that the backup holds, all segments of 1 GB; none if the file came later. */
    void load(BackupFiles files, String path) {
        long block = 0;
        for (int segment = 0; ; segment++) {
            Optional<InputStream> content = files.file(segment == 0 ? path : path + "." + segment);
            if (content.isEmpty()) {
                return;
            }
            try (InputStream input = content.get()) {
                byte[] bytes = new byte[BlockReference.PAGE];
                while (input.readNBytes(bytes, 0, bytes.length) == bytes.length) {
                    HeapPage page = HeapPage.parse(bytes, 0);
                    pages.put(block++, page);
                    page.each(onTuple);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read " + path + " from the backup", e);
            }
        }
    }

    void copyFrom(CatalogueHeap other) {
        other.pages.forEach((block, page) -> {
            HeapPage copy = page.copy();
            pages.put(block, copy);
            copy.each(onTuple);
        });
    }

    /** Whether a change could not be applied because its page was neither in the backup nor in the WAL. */
    boolean isIncomplete() {
        return incomplete;
    }

    void each(Consumer<byte[]> consumer) {
        pages.values().forEach(page -> page.each(consumer));
    }

    void truncate(long firstRemovedBlock) {
        pages.keySet().removeIf(block -> block >= firstRemovedBlock);
    }

    /** Applies what the record does to one block of this relation. */
    void apply(WalRecord record, BlockReference block) {
        if (block.hasImage() && block.appliesImage()) {
            HeapPage page = HeapPage.parse(block.image(), 0);
            page.setLsn(record.end().value());
            pages.put(block.block(), page);
            page.each(onTuple);
            return;
        }
        boolean initialises = block.willInitialise();
        HeapPage page = pages.get(block.block());
        if (initialises) {
            page = HeapPage.empty();
            pages.put(block.block(), page);
        }
        if (page == null) {
            incomplete = true;
            return;
        }
        if (!initialises && Long.compareUnsigned(record.end().value(), page.lsn()) <= 0) {
            return;
        }
        if (record.resourceManager() == WalRecord.HEAP) {
            applyHeap(record, block, page);
        } else if (record.resourceManager() == WalRecord.HEAP2) {
            applyHeap2(record, block, page);
        }
        page.setLsn(record.end().value());
    }

    private void applyHeap(WalRecord record, BlockReference block, HeapPage page) {
        byte[] bytes = record.bytes();
        int main = record.mainOffset();
        switch (record.info() & RowChanges.OPERATION) {
            case RowChanges.INSERT -> {
                int offset = u16(bytes, main);
                int data = block.dataOffset;
                place(
                        page,
                        record,
                        block,
                        offset,
                        HeapTuple.build(
                                bytes,
                                data + 5,
                                block.dataLength() - 5,
                                u16(bytes, data),
                                u16(bytes, data + 2),
                                u8(bytes, data + 4)));
            }
            case RowChanges.DELETE -> {
                int offset = u16(bytes, main + 4);
                byte[] tuple = page.tuple(offset);
                if (tuple != null) {
                    HeapTuple.mark(tuple, u32(bytes, main), u8(bytes, main + 6));
                    if ((u8(bytes, main + 7) & RowChanges.DELETE_IS_SUPER) != 0) {
                        HeapTuple.clearMaker(tuple);
                    }
                }
            }
            case RowChanges.UPDATE, RowChanges.HOT_UPDATE -> update(record, block, page);
            case RowChanges.LOCK -> lock(bytes, main, page);
            case RowChanges.INPLACE -> {
                byte[] tuple = page.tuple(u16(bytes, main));
                if (tuple != null) {
                    int from = HeapTuple.dataOffset(tuple);
                    System.arraycopy(
                            bytes, block.dataOffset, tuple, from, Math.min(block.dataLength(), tuple.length - from));
                }
            }
            default -> {
                // Confirmations and logical truncation change no catalogue tuple.
            }
        }
    }

    private static void lock(byte[] bytes, int main, HeapPage page) {
        byte[] tuple = page.tuple(u16(bytes, main + 4));
        if (tuple != null) {
            HeapTuple.mark(tuple, u32(bytes, main), u8(bytes, main + 6));
        }
    }

    private void update(WalRecord record, BlockReference block, HeapPage page) {
        byte[] bytes = record.bytes();
        int main = record.mainOffset();
        int oldOffset = u16(bytes, main + 4);
        int newOffset = u16(bytes, main + 12);
        boolean samePage = record.blocks().size() == 1;
        byte[] old = samePage || block.id() == 1 ? page.tuple(oldOffset) : null;
        if (old != null) {
            HeapTuple.mark(old, u32(bytes, main), u8(bytes, main + 6));
            HeapTuple.setNext(old, record.blocks().get(0).block(), newOffset);
        }
        if (block.id() == 1) {
            return;
        }
        int flags = u8(bytes, main + 7);
        int data = block.dataOffset;
        int end = data + block.dataLength();
        int prefix = 0;
        int suffix = 0;
        if ((flags & PREFIX_FROM_OLD) != 0) {
            prefix = u16(bytes, data);
            data += 2;
        }
        if ((flags & SUFFIX_FROM_OLD) != 0) {
            suffix = u16(bytes, data);
            data += 2;
        }
        int infomask2 = u16(bytes, data);
        int infomask = u16(bytes, data + 2);
        int dataOffset = u8(bytes, data + 4);
        data += 5;
        byte[] tuple;
        if (prefix == 0 && suffix == 0) {
            tuple = HeapTuple.build(bytes, data, end - data, infomask2, infomask, dataOffset);
        } else {
            if (old == null) {
                incomplete = true;
                return;
            }
            // Bitmap and padding, then what both versions begin with, the new part, and what both end with.
            int bitmap = dataOffset - HeapTuple.HEADER;
            int changed = end - data - bitmap;
            byte[] body = new byte[bitmap + prefix + changed + suffix];
            System.arraycopy(bytes, data, body, 0, bitmap);
            System.arraycopy(old, HeapTuple.dataOffset(old), body, bitmap, prefix);
            System.arraycopy(bytes, data + bitmap, body, bitmap + prefix, changed);
            System.arraycopy(old, old.length - suffix, body, bitmap + prefix + changed, suffix);
            tuple = HeapTuple.build(body, 0, body.length, infomask2, infomask, dataOffset);
        }
        HeapTuple.setXmax(tuple, u32(bytes, main + 8));
        place(page, record, block, newOffset, tuple);
    }

    private void applyHeap2(WalRecord record, BlockReference block, HeapPage page) {
        byte[] bytes = record.bytes();
        int main = record.mainOffset();
        int operation = record.info() & RowChanges.OPERATION;
        if (operation == RowChanges.MULTI_INSERT) {
            boolean initialises = (record.info() & RowChanges.INITIALISES_PAGE) != 0;
            int count = u16(bytes, main + 2);
            int position = block.dataOffset;
            for (int i = 0; i < count; i++) {
                // Each tuple begins at an even place, counted from the beginning of the block's data.
                position += (position - block.dataOffset) & 1;
                int length = u16(bytes, position);
                place(
                        page,
                        record,
                        block,
                        initialises ? i + 1 : u16(bytes, main + 4 + 2 * i),
                        HeapTuple.build(
                                bytes,
                                position + 7,
                                length,
                                u16(bytes, position + 2),
                                u16(bytes, position + 4),
                                u8(bytes, position + 6)));
                position += 7 + length;
            }
        } else if (operation == RowChanges.LOCK_UPDATED) {
            lock(bytes, main, page);
        } else {
            for (int offset : PrunedPointers.of(record, block)) {
                page.remove(offset);
            }
        }
    }

    private void place(HeapPage page, WalRecord record, BlockReference block, int offset, byte[] tuple) {
        HeapTuple.setMaker(tuple, record.xid(), block.block(), offset);
        page.put(offset, tuple);
        onTuple.accept(tuple);
    }
}
