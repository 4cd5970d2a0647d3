package dev.muster.repository.frames;

import java.io.InputStream;
import java.util.List;

/** A framed object's raw bytes in order. Fetches neighbouring frames together, up to 1 MiB of stored bytes. */
final class FramedStream extends InputStream {
    private final FramedStore store;
    private final FramedObject object;
    private final byte[] raw = new byte[Frame.MAX_RAW];
    private final byte[] fetched;
    private long fetchedFrom;
    private long fetchedTo;
    private int next;
    private int at;
    private int filled;

    FramedStream(FramedStore store, FramedObject object) {
        this.store = store;
        this.object = object;
        this.fetched = new byte[(int) Math.min(FramedObject.FETCH, object.storedSize())];
    }

    @Override
    public int read() {
        return fill() ? raw[at++] & 0xFF : -1;
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
        System.arraycopy(raw, at, out, offset, taken);
        at += taken;
        return taken;
    }

    private boolean fill() {
        if (at < filled) {
            return true;
        }
        List<Frame> frames = object.frames();
        if (next == frames.size()) {
            return false;
        }
        Frame frame = frames.get(next++);
        if (frame.offset() + frame.storedLength() > fetchedTo) {
            fetchedFrom = frame.offset();
            fetchedTo = Math.min(fetchedFrom + fetched.length, object.storedSize());
            object.readStored(fetchedFrom, fetched, (int) (fetchedTo - fetchedFrom));
        }
        int from = (int) (frame.offset() - fetchedFrom);
        store.decoding(decoder -> {
            decoder.decode(object.key(), frame, fetched, from, raw, 0);
            return frame;
        });
        at = 0;
        filled = frame.rawLength();
        return true;
    }
}
