package dev.muster.postgres.walscan;

import static dev.muster.postgres.walscan.LittleEndian.u16;
import static dev.muster.postgres.walscan.LittleEndian.u8;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;

/** A page that a record changes: which one, its new image if the record holds one, and the change's data. */
public final class BlockReference {
    /** Bytes of a data page; other sizes need a PostgreSQL built otherwise. */
    static final int PAGE = 8192;

    private static final int HAS_HOLE = 0x01;

    private enum Compression {
        NONE,
        PGLZ,
        LZ4,
        ZSTD
    }

    private final byte[] bytes;
    private final WalFormat format;
    private final int id;
    private final Lsn record;
    int fork;
    boolean willInitialise;
    RelationFile relation = new RelationFile(0, 0, 0);
    long number;
    int dataOffset;
    int dataLength;
    int imageOffset;
    int imageLength;
    private boolean hasImage;
    private boolean applyImage;
    private int holeOffset;
    private int holeLength;
    private Compression compression = Compression.NONE;

    BlockReference(byte[] bytes, WalFormat format, int id, Lsn record) {
        this.bytes = bytes;
        this.format = format;
        this.id = id;
        this.record = record;
    }

    public int id() {
        return id;
    }

    public RelationFile relation() {
        return relation;
    }

    /** 0 main, 1 free space map, 2 visibility map, 3 init. */
    public int fork() {
        return fork;
    }

    public long block() {
        return number;
    }

    public boolean willInitialise() {
        return willInitialise;
    }

    public boolean hasImage() {
        return hasImage;
    }

    /** Whether replay sets the page to the image; an image may also be there only for consistency checks. */
    public boolean appliesImage() {
        return applyImage;
    }

    /** Stored length of the image, compressed and without its hole; 0 without an image. */
    public int imageLength() {
        return imageLength;
    }

    public int dataLength() {
        return dataLength;
    }

    /** Reads the image's header at {@code position}; returns the position after it. */
    int readImageHeader(int position) {
        hasImage = true;
        imageLength = u16(bytes, position);
        holeOffset = u16(bytes, position + 2);
        int info = u8(bytes, position + 4);
        int next = position + 5;
        boolean hole = (info & HAS_HOLE) != 0;
        if (format.atLeast(15)) {
            applyImage = (info & 0x02) != 0;
            compression = (info & 0x04) != 0
                    ? Compression.PGLZ
                    : (info & 0x08) != 0 ? Compression.LZ4 : (info & 0x10) != 0 ? Compression.ZSTD : Compression.NONE;
        } else {
            compression = (info & 0x02) != 0 ? Compression.PGLZ : Compression.NONE;
            applyImage = (info & 0x04) != 0;
        }
        if (compression == Compression.NONE) {
            holeLength = hole ? PAGE - imageLength : 0;
        } else if (hole) {
            holeLength = u16(bytes, next);
            next += 2;
        }
        return next;
    }

    /**
     * The page's image, decompressed, its hole filled with zeros.
     *
     * @throws PostgresException WAL_DAMAGED if the image cannot be restored
     */
    public byte[] image() {
        int length = PAGE - holeLength;
        byte[] packed;
        try {
            packed = switch (compression) {
                case NONE -> java.util.Arrays.copyOfRange(bytes, imageOffset, imageOffset + imageLength);
                case PGLZ -> PageCompression.pglz(bytes, imageOffset, imageLength, length);
                case LZ4 -> PageCompression.lz4(bytes, imageOffset, imageLength, length);
                case ZSTD -> zstd(length);
            };
        } catch (IndexOutOfBoundsException e) {
            throw damaged(e);
        }
        if (packed.length != length || holeOffset > length) {
            throw damaged(null);
        }
        if (holeLength == 0) {
            return packed;
        }
        byte[] page = new byte[PAGE];
        System.arraycopy(packed, 0, page, 0, holeOffset);
        System.arraycopy(packed, holeOffset, page, holeOffset + holeLength, length - holeOffset);
        return page;
    }

    private byte[] zstd(int length) {
        byte[] target = new byte[length];
        try {
            if (Zstd.decompressByteArray(target, 0, length, bytes, imageOffset, imageLength) != length) {
                throw damaged(null);
            }
        } catch (ZstdException e) {
            throw damaged(e);
        }
        return target;
    }

    private PostgresException damaged(@org.jspecify.annotations.Nullable Throwable cause) {
        String message = "The image of block " + number + " of relation " + relation + " in the WAL record at " + record
                + " cannot be decompressed (" + compression + ")";
        String hint = "The record's checksum was right, so it was written this way. Report this record.";
        return cause == null
                ? new PostgresException("WAL_DAMAGED", message, hint)
                : new PostgresException("WAL_DAMAGED", message, hint, cause);
    }
}
