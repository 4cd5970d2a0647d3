package dev.muster.repository.encryption;

import java.io.InputStream;

/** A stretch of an encrypted object's plaintext, in order, fetched in pieces of about 1 MiB. */
public final class EncryptedStream extends InputStream {
    private static final int PIECE = 16 * (SegmentCipher.SEGMENT - SegmentCipher.TAG);

    private final EncryptedObject object;
    private final long end;
    private final byte[] piece;
    private long next;
    private int at;
    private int filled;

    public EncryptedStream(EncryptedObject object) {
        this(object, 0, object.size());
    }

    /** @param end of the stretch, exclusive, at most the object's size */
    public EncryptedStream(EncryptedObject object, long start, long end) {
        this.object = object;
        this.next = start;
        this.end = end;
        this.piece = new byte[(int) Math.min(PIECE, Math.max(end - start, 0))];
    }

    @Override
    public int read() {
        return fill() ? piece[at++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] out, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int taken = Math.min(length, filled - at);
        System.arraycopy(piece, at, out, offset, taken);
        at += taken;
        return taken;
    }

    private boolean fill() {
        if (at == filled) {
            int length = (int) Math.min(piece.length, end - next);
            if (length <= 0) {
                return false;
            }
            object.read(next, piece, 0, length);
            next += length;
            at = 0;
            filled = length;
        }
        return true;
    }
}
