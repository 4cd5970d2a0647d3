package dev.muster.repository.frames;

import dev.muster.repository.encryption.Damage;
import dev.muster.repository.encryption.EncryptedObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A framed object for reading: its index, and its raw bytes by range. Safe for many threads, each with a decoder. */
public final class FramedObject {
    /** Stored bytes fetched together, at most. */
    static final int FETCH = 1 << 20;

    private final EncryptedObject object;
    private final List<Frame> frames;
    private final long[] rawStarts;
    private final long rawSize;

    private FramedObject(EncryptedObject object, List<Frame> frames, long[] rawStarts, long rawSize) {
        this.object = object;
        this.frames = frames;
        this.rawStarts = rawStarts;
        this.rawSize = rawSize;
    }

    /** Reads the index. */
    public static FramedObject open(EncryptedObject object) {
        long plainSize = object.size();
        if (plainSize < Footer.LENGTH) {
            throw Damage.of(object.key(), "it is too short for a footer");
        }
        byte[] footerBytes = new byte[Footer.LENGTH];
        object.read(plainSize - Footer.LENGTH, footerBytes, 0, Footer.LENGTH);
        Footer footer = Footer.parse(object.key(), plainSize, footerBytes);
        byte[] index = new byte[footer.frames() * Frame.INDEX_ENTRY];
        object.read(footer.indexOffset(), index, 0, index.length);
        ByteBuffer buffer = ByteBuffer.wrap(index);
        List<Frame> frames = new ArrayList<>(footer.frames());
        long[] rawStarts = new long[footer.frames()];
        long offset = 0;
        long raw = 0;
        for (int i = 0; i < footer.frames(); i++) {
            Frame frame;
            try {
                frame = Frame.readIndexEntry(offset, buffer);
            } catch (IllegalArgumentException e) {
                throw Damage.of(object.key(), "its index has an impossible entry, " + e.getMessage());
            }
            frames.add(frame);
            rawStarts[i] = raw;
            offset += frame.storedLength();
            raw += frame.rawLength();
        }
        if (offset != footer.indexOffset() || raw != footer.rawSize()) {
            throw Damage.of(object.key(), "its index and its footer differ");
        }
        return new FramedObject(object, List.copyOf(frames), rawStarts, raw);
    }

    public String key() {
        return object.key();
    }

    public List<Frame> frames() {
        return frames;
    }

    /** Of all frames, in bytes. */
    public long rawSize() {
        return rawSize;
    }

    /** Of all frames as stored, in bytes. */
    long storedSize() {
        return frames.isEmpty() ? 0 : frames.get(frames.size() - 1).end();
    }

    /** Stored bytes of frames, to be decoded with {@link FrameDecoder}. */
    void readStored(long position, byte[] out, int length) {
        object.read(position, out, 0, length);
    }

    /**
     * Reads and checks every frame in order, neighbouring ones together.
     *
     * @param raw takes each frame's raw bytes in turn, {@link Frame#MAX_RAW} long
     */
    public void readAll(FrameDecoder decoder, byte[] raw, Consumer<Frame> each) {
        byte[] fetched = new byte[(int) Math.min(FETCH, storedSize())];
        long from = 0;
        long to = 0;
        for (Frame frame : frames) {
            if (frame.end() > to) {
                from = frame.offset();
                to = Math.min(from + fetched.length, storedSize());
                readStored(from, fetched, (int) (to - from));
            }
            decoder.decode(key(), frame, fetched, (int) (frame.offset() - from), raw, 0);
            each.accept(frame);
        }
    }

    /** The frame whose stored bytes begin at an offset, if one does. */
    public Optional<Frame> frameAt(long offset) {
        int low = 0;
        int high = frames.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Frame frame = frames.get(middle);
            if (frame.offset() == offset) {
                return Optional.of(frame);
            }
            if (frame.offset() < offset) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return Optional.empty();
    }

    /** Decrypts, decompresses and checks one frame; its raw bytes go to the beginning of {@code out}. */
    public void read(Frame frame, FrameDecoder decoder, byte[] out) {
        decoder.decode(object, frame, out, 0);
    }

    /** The raw bytes of a range. */
    public byte[] read(FrameDecoder decoder, long position, int length) {
        if (position < 0 || length < 0 || position + length > rawSize) {
            throw Damage.of(
                    object.key(),
                    "bytes " + position + " to " + (position + length) + " are needed, but it holds " + rawSize);
        }
        byte[] result = new byte[length];
        byte[] raw = new byte[Frame.MAX_RAW];
        int done = 0;
        for (int i = frameOfRaw(position); done < length; i++) {
            Frame frame = frames.get(i);
            decoder.decode(object, frame, raw, 0);
            int skip = (int) (position + done - rawStarts[i]);
            int taken = Math.min(frame.rawLength() - skip, length - done);
            System.arraycopy(raw, skip, result, done, taken);
            done += taken;
        }
        return result;
    }

    private int frameOfRaw(long position) {
        int found = Arrays.binarySearch(rawStarts, position);
        return found >= 0 ? found : -found - 2;
    }
}
