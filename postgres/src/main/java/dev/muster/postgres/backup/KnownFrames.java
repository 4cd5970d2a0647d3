package dev.muster.postgres.backup;

import dev.muster.repository.FrameRef;
import dev.muster.repository.UnfinishedBackups;
import dev.muster.repository.frames.Codec;
import dev.muster.repository.frames.ContentHash;
import dev.muster.repository.frames.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The frames that unfinished backups of the source have stored, by their content. A new backup reads and hashes what it
 * copies; what is here need not be compressed, encrypted and sent again. Equal content is proof enough, whatever has
 * happened to the file between. Bounded by the heap: what does not fit is stored again.
 */
final class KnownFrames {
    /** Backups that died and that nobody has cleaned up after; older ones share little with the present. */
    private static final int BACKUPS = 16;

    private static final int LONGS = 6;
    private static final int INITIAL = 1 << 10;

    private final int limit;
    private final List<String> backups = new ArrayList<>();
    /** For each place four numbers of the hash, pack and offset, and all else; the last is 0 where a place is free. */
    private long[] table = new long[INITIAL * LONGS];

    private int size;

    /** @param limit of frames */
    KnownFrames(int limit) {
        this.limit = limit;
    }

    /** A third of the heap at most, with room for the old table while a larger one is filled. */
    static int limitFor(long heapBytes) {
        int fitting = (int) Math.min(1 << 25, heapBytes / 4 / (LONGS * Long.BYTES));
        return Integer.highestOneBit(fitting) / 2;
    }

    /** Reads the indexes of all packs. */
    static KnownFrames of(UnfinishedBackups unfinished, Runnable check) {
        KnownFrames known = new KnownFrames(limitFor(Runtime.getRuntime().maxMemory()));
        List<String> ids = unfinished.ids();
        for (String id : ids.subList(0, Math.min(BACKUPS, ids.size()))) {
            unfinished.frames(id, frame -> {
                check.run();
                return known.add(frame);
            });
        }
        return known;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    /** @return whether there is room for more */
    boolean add(FrameRef ref) {
        if (size >= limit) {
            return false;
        }
        if ((size + 1) * 3L > table.length / LONGS * 2L) {
            grow();
        }
        int backup = backups.indexOf(ref.backup());
        if (backup < 0) {
            backup = backups.size();
            backups.add(ref.backup());
        }
        Frame frame = ref.frame();
        ContentHash hash = frame.hash();
        int place = place(hash.first(), hash.second(), hash.third(), hash.fourth());
        if (table[place + 5] == 0) {
            table[place] = hash.first();
            table[place + 1] = hash.second();
            table[place + 2] = hash.third();
            table[place + 3] = hash.fourth();
            table[place + 4] = (long) ref.pack() << 32 | frame.offset();
            table[place + 5] = (long) frame.rawLength() << 32
                    | (long) frame.storedLength() << 8
                    | (long) backup << 1
                    | (frame.codec() == Codec.ZSTD ? 1 : 0);
            size++;
        }
        return size < limit;
    }

    /** Where content of this hash and length is stored. */
    Optional<FrameRef> find(ContentHash hash, int length) {
        int place = place(hash.first(), hash.second(), hash.third(), hash.fourth());
        long rest = table[place + 5];
        if (rest == 0 || (int) (rest >>> 32) != length) {
            return Optional.empty();
        }
        long where = table[place + 4];
        Frame frame = new Frame(
                where & 0xFFFFFFFFL,
                (int) (rest >>> 8) & 0xFFFFFF,
                (rest & 1) == 1 ? Codec.ZSTD : Codec.STORED,
                length,
                hash);
        return Optional.of(new FrameRef(backups.get((int) (rest >>> 1) & 0x7F), (int) (where >>> 32), frame));
    }

    /** The place of a hash, or the free one where it would go. */
    private int place(long first, long second, long third, long fourth) {
        int places = table.length / LONGS;
        int at = (int) (first & (places - 1));
        while (true) {
            int place = at * LONGS;
            boolean equal = table[place] == first
                    && table[place + 1] == second
                    && table[place + 2] == third
                    && table[place + 3] == fourth;
            if (table[place + 5] == 0 || equal) {
                return place;
            }
            at = (at + 1) & (places - 1);
        }
    }

    private void grow() {
        long[] old = table;
        table = new long[Math.multiplyExact(old.length, 2)];
        for (int from = 0; from < old.length; from += LONGS) {
            if (old[from + 5] != 0) {
                int place = place(old[from], old[from + 1], old[from + 2], old[from + 3]);
                System.arraycopy(old, from, table, place, LONGS);
            }
        }
    }
}
