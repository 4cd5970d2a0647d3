package dev.muster.repository.frames;

import dev.muster.repository.encryption.CheckedStream;
import java.util.List;

/** A framed object's raw bytes in order. Fetches neighbouring frames together, up to 1 MiB of stored bytes. */
final class FramedStream extends CheckedStream {
    private final FramedStore store;
    private final FramedObject object;
    private final byte[] fetched;
    private long fetchedFrom;
    private long fetchedTo;
    private int next;

    FramedStream(FramedStore store, FramedObject object) {
        super(Frame.MAX_RAW);
        this.store = store;
        this.object = object;
        this.fetched = new byte[(int) Math.min(FramedObject.FETCH, object.storedSize())];
    }

    @Override
    protected int next(byte[] into) {
        List<Frame> frames = object.frames();
        if (next == frames.size()) {
            return 0;
        }
        Frame frame = frames.get(next++);
        if (frame.offset() + frame.storedLength() > fetchedTo) {
            fetchedFrom = frame.offset();
            fetchedTo = Math.min(fetchedFrom + fetched.length, object.storedSize());
            object.readStored(fetchedFrom, fetched, (int) (fetchedTo - fetchedFrom));
        }
        int from = (int) (frame.offset() - fetchedFrom);
        store.decoding(decoder -> {
            decoder.decode(object.key(), frame, fetched, from, into, 0);
            return frame;
        });
        return frame.rawLength();
    }
}
