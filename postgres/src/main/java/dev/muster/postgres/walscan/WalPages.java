package dev.muster.postgres.walscan;

import static dev.muster.postgres.walscan.LittleEndian.i32;
import static dev.muster.postgres.walscan.LittleEndian.i64;
import static dev.muster.postgres.walscan.LittleEndian.u16;
import static dev.muster.postgres.walscan.LittleEndian.u32;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.wal.WalBytes;
import org.jspecify.annotations.Nullable;

/** WAL page by page, over a window of bytes that moves forward; checks each page's header. */
final class WalPages {
    private static final int WINDOW = 1 << 18;

    private final WalBytes source;
    private final byte[] window = new byte[WINDOW];
    private long windowStart;
    private int windowLength;
    private int offset;
    private @Nullable WalFormat format;

    WalPages(WalBytes source) {
        this.source = source;
    }

    /** The format of the pages met so far; the first valid page decides. */
    WalFormat format() {
        if (format == null) {
            throw new IllegalStateException("No page was read yet");
        }
        return format;
    }

    int timeline() {
        return source.timeline();
    }

    int segmentSize() {
        return source.segmentSize();
    }

    byte[] bytes() {
        return window;
    }

    /** Where the page loaded last begins in {@link #bytes()}. */
    int offset() {
        return offset;
    }

    /** Loads the page that begins at {@code pageStart}; returns how many of its bytes there are, 0 to 8192. */
    int load(long pageStart) {
        boolean inside = windowLength > 0 && pageStart >= windowStart && pageStart < windowStart + WINDOW;
        // At the end of WAL the window stays short: asking again for each record there would be slow.
        boolean whole = pageStart + WalFormat.PAGE <= windowStart + windowLength || windowLength < WINDOW;
        if (!inside || !whole) {
            windowStart = pageStart;
            windowLength = 0;
            while (windowLength < WINDOW) {
                int read = source.read(new Lsn(pageStart + windowLength), window, windowLength, WINDOW - windowLength);
                if (read <= 0) {
                    break;
                }
                windowLength += read;
            }
        }
        offset = (int) (pageStart - windowStart);
        return Math.max(0, Math.min(WalFormat.PAGE, windowLength - offset));
    }

    /** Whether the loaded page, of which enough bytes must be there, is WAL written for this very position. */
    boolean hasValidHeader(long pageStart) {
        int magic = u16(window, offset);
        int info = u16(window, offset + 2);
        if (!WalFormat.isKnown(magic)) {
            // A magic number of PostgreSQL's family at the right address is another version, not rubbish.
            if (magic >>> 8 == 0xD1 && i64(window, offset + 8) == pageStart) {
                throw unknown(magic);
            }
            return false;
        }
        WalFormat found = WalFormat.of(magic);
        boolean first = Long.remainderUnsigned(pageStart, source.segmentSize()) == 0;
        if ((format != null && found != format)
                || (info & ~WalFormat.KNOWN_FLAGS) != 0
                || i64(window, offset + 8) != pageStart
                || i32(window, offset + 4) <= 0
                || i32(window, offset + 4) > source.timeline()
                || first != ((info & WalFormat.HAS_LONG_HEADER) != 0)) {
            return false;
        }
        if (first) {
            checkSizes(pageStart);
        }
        format = found;
        return true;
    }

    private static PostgresException unknown(int magic) {
        WalFormat.of(magic);
        throw new IllegalStateException("A known magic number: " + magic);
    }

    private void checkSizes(long pageStart) {
        long segment = u32(window, offset + 32);
        long block = u32(window, offset + 36);
        if (segment != source.segmentSize() || block != WalFormat.PAGE) {
            throw new PostgresException(
                    "WAL_SIZES_DIFFER",
                    "The WAL page at " + new Lsn(pageStart) + " says segments of " + segment + " bytes and pages of "
                            + block + ", expected were " + source.segmentSize() + " and " + WalFormat.PAGE,
                    "Is this WAL of another cluster? A PostgreSQL built with other page sizes is not supported.");
        }
    }

    /** Bytes of the header of the loaded page. */
    int headerSize() {
        return (u16(window, offset + 2) & WalFormat.HAS_LONG_HEADER) != 0
                ? WalFormat.LONG_HEADER
                : WalFormat.SHORT_HEADER;
    }

    boolean firstIsContinuation() {
        return (u16(window, offset + 2) & WalFormat.FIRST_IS_CONTINUATION) != 0;
    }

    boolean firstIsOverwrite() {
        return (u16(window, offset + 2) & WalFormat.FIRST_IS_OVERWRITE) != 0;
    }

    /** Bytes of the record begun on an earlier page that are still to come, from this page on. */
    long remainingLength() {
        return u32(window, offset + 16);
    }

    static int headerSizeAt(long pageStart, int segmentSize) {
        return Long.remainderUnsigned(pageStart, segmentSize) == 0 ? WalFormat.LONG_HEADER : WalFormat.SHORT_HEADER;
    }
}
