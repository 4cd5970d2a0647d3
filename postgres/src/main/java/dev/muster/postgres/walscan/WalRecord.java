package dev.muster.postgres.walscan;

import static dev.muster.postgres.walscan.LittleEndian.i32;
import static dev.muster.postgres.walscan.LittleEndian.u16;
import static dev.muster.postgres.walscan.LittleEndian.u32;
import static dev.muster.postgres.walscan.LittleEndian.u8;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.util.ArrayList;
import java.util.List;

/** One record of WAL whose checksum was right, taken apart into block references and main data. */
public final class WalRecord {
    static final int HEADER = 24;
    static final int XLOG = 0;
    static final int TRANSACTION = 1;
    static final int STORAGE = 2;
    static final int DATABASE = 4;
    static final int TABLESPACE = 5;
    static final int RELATION_MAP = 7;
    static final int STANDBY = 8;
    static final int HEAP2 = 9;
    static final int HEAP = 10;

    private static final int MAX_BLOCK_ID = 32;
    private static final int TOPLEVEL_XID = 252;
    private static final int ORIGIN = 253;
    private static final int LONG_DATA = 254;
    private static final int SHORT_DATA = 255;
    private static final int HAS_IMAGE = 0x10;
    private static final int HAS_DATA = 0x20;
    private static final int WILL_INIT = 0x40;
    private static final int SAME_RELATION = 0x80;

    private final Lsn start;
    private final Lsn end;
    private final WalFormat format;
    private final byte[] bytes;
    private final List<BlockReference> blocks = new ArrayList<>(2);
    private int mainOffset;
    private int mainLength;

    /** @param bytes the whole record, header first, its checksum already verified */
    WalRecord(Lsn start, Lsn end, WalFormat format, byte[] bytes) {
        this.start = start;
        this.end = end;
        this.format = format;
        this.bytes = bytes;
        parse();
    }

    public Lsn start() {
        return start;
    }

    /** The position after the record, where the next one may begin (PostgreSQL's EndRecPtr). */
    public Lsn end() {
        return end;
    }

    public WalFormat format() {
        return format;
    }

    /** Total length in bytes, header included, page headers and padding not. */
    public int length() {
        return bytes.length;
    }

    /** The transaction that wrote the record, 0 for none; a sub-transaction is named by its own number. */
    public long xid() {
        return u32(bytes, 4);
    }

    public Lsn previous() {
        return new Lsn(LittleEndian.i64(bytes, 8));
    }

    /** The resource manager's bits of xl_info (the upper four). */
    public int info() {
        return u8(bytes, 16) & 0xF0;
    }

    public int resourceManager() {
        return u8(bytes, 17);
    }

    public List<BlockReference> blocks() {
        return blocks;
    }

    public int mainLength() {
        return mainLength;
    }

    byte[] bytes() {
        return bytes;
    }

    int mainOffset() {
        return mainOffset;
    }

    private void parse() {
        int position = HEADER;
        // Headers end where the announced data begins: what is left equals the sum of the announced lengths.
        long announced = 0;
        RelationFile last = null;
        while (bytes.length - position > announced) {
            int id = u8(bytes, position);
            if (id == SHORT_DATA) {
                mainLength = u8(bytes, position + 1);
                announced += mainLength;
                position += 2;
                break;
            } else if (id == LONG_DATA) {
                mainLength = i32(bytes, position + 1);
                announced += mainLength;
                position += 5;
                break;
            } else if (id == ORIGIN) {
                position += 3;
            } else if (id == TOPLEVEL_XID) {
                position += 5;
            } else if (id <= MAX_BLOCK_ID) {
                BlockReference block = new BlockReference(bytes, format, id, start);
                int flags = u8(bytes, position + 1);
                block.fork = flags & 0x0F;
                block.willInitialise = (flags & WILL_INIT) != 0;
                block.dataLength = u16(bytes, position + 2);
                if ((flags & HAS_DATA) == 0 && block.dataLength != 0) {
                    throw malformed();
                }
                announced += block.dataLength;
                position += 4;
                if ((flags & HAS_IMAGE) != 0) {
                    position = block.readImageHeader(position);
                    announced += block.imageLength;
                }
                if ((flags & SAME_RELATION) == 0) {
                    last = new RelationFile(u32(bytes, position), u32(bytes, position + 4), u32(bytes, position + 8));
                    position += 12;
                } else if (last == null) {
                    throw malformed();
                }
                block.relation = last;
                block.number = u32(bytes, position);
                position += 4;
                blocks.add(block);
            } else {
                throw malformed();
            }
        }
        if (bytes.length - position != announced) {
            throw malformed();
        }
        for (BlockReference block : blocks) {
            block.imageOffset = position;
            position += block.imageLength;
            block.dataOffset = position;
            position += block.dataLength;
        }
        mainOffset = position;
    }

    private PostgresException malformed() {
        return new PostgresException(
                "WAL_DAMAGED",
                "The WAL record at " + start + " has a right checksum, but its block headers make no sense",
                "Was this WAL written by PostgreSQL 14 to 18? If so, report this record.");
    }

    @Override
    public String toString() {
        return "record at " + start + " (resource manager " + resourceManager() + ", info " + info() + ")";
    }
}
