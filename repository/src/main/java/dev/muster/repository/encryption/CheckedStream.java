package dev.muster.repository.encryption;

import java.io.InputStream;

/** An object's content in order, piece by piece: nothing of a piece is given out before all of it was checked. */
public abstract class CheckedStream extends InputStream {
    private final byte[] piece;
    private int at;
    private int filled;

    /** @param longest bytes of a piece */
    protected CheckedStream(int longest) {
        this.piece = new byte[longest];
    }

    /** Brings the next piece, checked, to the beginning of {@code into}. Returns its length; 0 at the end. */
    protected abstract int next(byte[] into);

    @Override
    public final int read() {
        return fill() ? piece[at++] & 0xFF : -1;
    }

    @Override
    public final int read(byte[] out, int offset, int length) {
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
            filled = next(piece);
            at = 0;
        }
        return at < filled;
    }
}
