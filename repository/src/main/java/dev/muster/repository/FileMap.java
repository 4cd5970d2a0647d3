package dev.muster.repository;

import com.github.f4b6a3.ulid.Ulid;
import dev.muster.repository.encryption.Damage;
import dev.muster.repository.frames.Codec;
import dev.muster.repository.frames.ContentHash;
import dev.muster.repository.frames.Frame;
import dev.muster.repository.frames.Sha256;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The runs of a file, or of a stretch of a large one, in bytes. Fields have fixed widths, so that a reader finds the
 * run of a position by halving and need not read the others.
 */
final class FileMap {
    /** In bytes: version, number of packs, number of runs, reserved, first byte, covered bytes. */
    static final int HEADER = 32;

    static final int PACK = 20;
    static final int RUN = 64;

    /** Of one map, so that a file of any size is written and read in bounded memory: 512 MiB to 8 GiB of a file. */
    static final int MAX_RUNS = 1 << 16;

    static final int MAX_LENGTH = HEADER + MAX_RUNS * (PACK + RUN);

    private static final int VERSION = 1;
    private static final byte ZEROS = 0;

    /** The first kind of run that is a frame's: the codec's number is added. */
    private static final int FRAME = 1;

    private record Pack(String backup, int number) {}

    private FileMap() {}

    /** @param runs in order, without a gap, at least one, at most {@link #MAX_RUNS} */
    static byte[] encode(List<Run> runs) {
        Map<Pack, Integer> packs = new LinkedHashMap<>();
        for (Run run : runs) {
            if (run instanceof Run.Stored stored) {
                packs.putIfAbsent(new Pack(stored.ref().backup(), stored.ref().pack()), packs.size());
            }
        }
        long from = runs.get(0).offset();
        long end = runs.get(runs.size() - 1).end();
        ByteBuffer buffer = ByteBuffer.allocate(HEADER + packs.size() * PACK + runs.size() * RUN);
        buffer.putInt(VERSION).putInt(packs.size()).putInt(runs.size()).putInt(0);
        buffer.putLong(from).putLong(end - from);
        for (Pack pack : packs.keySet()) {
            buffer.put(Ulid.from(pack.backup()).toBytes()).putInt(pack.number());
        }
        for (Run run : runs) {
            buffer.putLong(run.offset()).putInt(run.length());
            if (run instanceof Run.Stored stored) {
                FrameRef ref = stored.ref();
                Frame frame = ref.frame();
                buffer.put((byte) (FRAME + frame.codec().code())).put((byte) 0);
                buffer.putShort((short) Objects.requireNonNull(packs.get(new Pack(ref.backup(), ref.pack())))
                        .intValue());
                buffer.putInt((int) frame.offset()).putInt(frame.storedLength());
                buffer.putInt(frame.rawLength()).putInt(stored.skip());
                frame.hash().write(buffer);
            } else {
                buffer.put(ZEROS).put(new byte[RUN - 13]);
            }
        }
        return buffer.array();
    }

    /**
     * @param key of the map object, for errors
     * @throws dev.muster.repository.RepositoryException OBJECT_DAMAGED if the bytes are no map, or not the one that the
     *     manifest names
     */
    static List<Run> decode(String key, MapRef expected, byte[] bytes) {
        if (!Sha256.hash(bytes).equals(expected.hash())) {
            throw Damage.of(
                    key, "the file map at " + expected.offset() + " does not have the SHA-256 " + expected.hash());
        }
        try {
            return decode(expected, ByteBuffer.wrap(bytes));
        } catch (IllegalArgumentException e) {
            throw Damage.of(key, "the file map at " + expected.offset() + " is impossible: " + e.getMessage(), e);
        } catch (BufferUnderflowException e) {
            throw Damage.of(key, "the file map at " + expected.offset() + " ends early", e);
        }
    }

    private static List<Run> decode(MapRef expected, ByteBuffer buffer) {
        int version = buffer.getInt();
        int packCount = buffer.getInt();
        int runCount = buffer.getInt();
        require(version == VERSION && buffer.getInt() == 0, "its version is unknown");
        require(buffer.getLong() == expected.from() && buffer.getLong() == expected.covered(), "it covers other bytes");
        require(packCount >= 0 && packCount <= MAX_RUNS && runCount >= 1 && runCount <= MAX_RUNS, "its counts");
        require(buffer.remaining() == packCount * PACK + runCount * RUN, "its length");
        List<Pack> packs = new ArrayList<>(packCount);
        byte[] ulid = new byte[16];
        for (int i = 0; i < packCount; i++) {
            buffer.get(ulid);
            packs.add(new Pack(Ulid.from(ulid).toString(), buffer.getInt()));
        }
        List<Run> runs = new ArrayList<>(runCount);
        long position = expected.from();
        for (int i = 0; i < runCount; i++) {
            Run run = readRun(buffer, packs);
            require(run.offset() == position, "a gap at byte " + position);
            position = run.end();
            runs.add(run);
        }
        require(position == expected.from() + expected.covered(), "its runs end at byte " + position);
        return runs;
    }

    private static Run readRun(ByteBuffer buffer, List<Pack> packs) {
        long offset = buffer.getLong();
        int length = buffer.getInt();
        int kind = buffer.get() & 0xFF;
        require(buffer.get() == 0, "reserved bytes are not zero");
        int pack = buffer.getShort() & 0xFFFF;
        long frameOffset = buffer.getInt() & 0xFFFFFFFFL;
        int storedLength = buffer.getInt();
        int rawLength = buffer.getInt();
        int skip = buffer.getInt();
        ContentHash hash = ContentHash.read(buffer);
        if (kind == ZEROS) {
            return new Run.Zeros(offset, length);
        }
        require(pack < packs.size(), "a run names pack " + pack + " of " + packs.size());
        Frame frame = new Frame(frameOffset, storedLength, Codec.of(kind - FRAME), rawLength, hash);
        Pack found = packs.get(pack);
        return new Run.Stored(offset, length, new FrameRef(found.backup(), found.number(), frame), skip);
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
