package dev.muster.repository.encryption;

/** A stretch of an encrypted object's plaintext, in order, fetched in pieces of about 1 MiB. */
public final class EncryptedStream extends CheckedStream {
    private static final int PIECE = 16 * (SegmentCipher.SEGMENT - SegmentCipher.TAG);

    private final EncryptedObject object;
    private final long end;
    private long next;

    public EncryptedStream(EncryptedObject object) {
        this(object, 0, object.size());
    }

    /** @param end of the stretch, exclusive, at most the object's size */
    public EncryptedStream(EncryptedObject object, long start, long end) {
        super((int) Math.min(PIECE, Math.max(end - start, 0)));
        this.object = object;
        this.next = start;
        this.end = end;
    }

    @Override
    protected int next(byte[] into) {
        int length = (int) Math.min(into.length, end - next);
        if (length <= 0) {
            return 0;
        }
        object.read(next, into, 0, length);
        next += length;
        return length;
    }
}
