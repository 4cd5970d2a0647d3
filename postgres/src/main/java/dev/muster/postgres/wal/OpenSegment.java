package dev.muster.postgres.wal;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The segment that is being received. Small segments are held whole; of large ones only what is not yet stored, and the
 * rest is read back from the store when the segment is complete. For one thread.
 */
final class OpenSegment {
    /** A segment of this size or less is held in memory whole. */
    static final int HELD_WHOLE = 64 << 20;

    private static final int WINDOW = 16 << 20;

    private final WalArchive archive;
    private final SegmentName segment;
    private final byte[] buffer;
    private final WalBytes stored;
    private final int storedEnd;
    /** Offset in the segment of the buffer's first byte. */
    private int base;

    private int received;
    private int durable;

    /** @param spare a buffer of an earlier segment to use again; may be of another size */
    OpenSegment(WalArchive archive, SegmentName segment, byte[] spare) {
        this.archive = archive;
        this.segment = segment;
        int capacity = bufferSize(segment.segmentSize());
        this.buffer = spare.length == capacity ? spare : new byte[capacity];
        List<StoredWal.Piece> pieces = StoredWal.join(archive.objectsOf(segment));
        this.storedEnd = pieces.isEmpty() ? 0 : pieces.get(pieces.size() - 1).to();
        this.stored = archive.read(segment.timeline(), segment.start());
        this.durable = storedEnd;
    }

    private static int bufferSize(int segmentSize) {
        return segmentSize <= HELD_WHOLE ? segmentSize : WINDOW;
    }

    byte[] buffer() {
        return buffer;
    }

    SegmentName segment() {
        return segment;
    }

    Lsn received() {
        return segment.start().plus(received);
    }

    /** The end of what is safe in the store; ahead of {@link #received} while stored bytes come once more. */
    Lsn durable() {
        return segment.start().plus(durable);
    }

    boolean complete() {
        return received == segment.segmentSize();
    }

    /** Bytes that the store does not have yet. */
    int pending() {
        return Math.max(0, received - durable);
    }

    boolean full() {
        return received - base == buffer.length;
    }

    /**
     * Takes bytes that follow what was received so far, as many as there is room for.
     *
     * @throws PostgresException WAL_CONFLICT if the store has other bytes in their place; WAL_VANISHED
     */
    void append(ByteBuffer bytes) {
        int count = Math.min(bytes.remaining(), buffer.length - (received - base));
        count = Math.min(count, segment.segmentSize() - received);
        int at = received - base;
        bytes.get(buffer, at, count);
        if (received < storedEnd) {
            compare(at, Math.min(count, storedEnd - received));
        }
        received += count;
        if (buffer.length < segment.segmentSize() && received <= durable) {
            base = received;
        }
    }

    private void compare(int at, int count) {
        byte[] there = new byte[count];
        int read = stored.read(received(), there, 0, count);
        if (read < count) {
            // It counted as durable: the server must not let go of it.
            throw vanished(received().plus(read));
        }
        int difference = Arrays.mismatch(there, 0, read, buffer, at, at + read);
        if (difference >= 0) {
            throw new PostgresException(
                    "WAL_CONFLICT",
                    "The server's WAL at " + received().plus(difference) + " on timeline " + segment.timeline()
                            + " differs from what the store has",
                    "Is this a clone or a copy of the cluster whose WAL is stored? Give it a source of its own.");
        }
    }

    private PostgresException vanished(Lsn position) {
        return new PostgresException(
                "WAL_VANISHED",
                "WAL of timeline " + segment.timeline() + " at " + position + " was in the store and is there no more",
                "Who removes objects of open segments? The receiver asks the server for it again.");
    }

    /** Makes everything received so far durable: as a part, or as the whole segment when it is complete. */
    void flush() {
        if (complete()) {
            if (base == 0 && buffer.length == segment.segmentSize()) {
                archive.storeSegment(segment, buffer);
            } else {
                storePart();
                archive.storeSegment(segment, this::readBack);
            }
            durable = received;
        } else if (pending() > 0) {
            storePart();
        }
        if (buffer.length < segment.segmentSize()) {
            base = received;
        }
    }

    private void storePart() {
        if (pending() > 0) {
            archive.storePart(segment, durable, Arrays.copyOfRange(buffer, durable - base, received - base));
            durable = received;
        }
    }

    private InputStream readBack() {
        List<StoredWal.Piece> pieces = StoredWal.join(archive.objectsOf(segment));
        int end = pieces.isEmpty() ? 0 : pieces.get(pieces.size() - 1).to();
        if (end < segment.segmentSize()) {
            throw vanished(segment.start().plus(end));
        }
        return new SequenceInputStream(Collections.enumeration(pieces.stream()
                .<InputStream>map(piece -> new PieceStream(archive, piece))
                .toList()));
    }

    void close() {
        try {
            stored.close();
        } catch (Exception e) {
            throw new IllegalStateException("Cannot close WAL of " + segment, e);
        }
    }
}
