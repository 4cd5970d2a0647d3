package dev.muster.sources.chunks;

import dev.muster.repository.BackupReader;
import dev.muster.repository.Entry;
import dev.muster.repository.FrameRef;
import dev.muster.repository.MapRef;
import dev.muster.repository.Run;
import dev.muster.repository.expiry.DeadPacks;
import dev.muster.repository.frames.ContentHash;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Frames of one file by their hash: those of its ancestor near the present position, and those of an earlier, disturbed
 * reading of the same file. Bounded: three maps of the ancestor, some 12 GiB of a file, and as many frames of its own.
 * For one thread.
 */
public final class KnownFrames {
    private static final int OWN = 1 << 16;
    private static final int MAPS = 3;

    private final Optional<BackupReader> reader;
    private final List<MapRef> maps;
    private final DeadPacks dead;
    private final Map<ContentHash, FrameRef> ancestor = new HashMap<>();
    private final Deque<List<Run>> loaded = new ArrayDeque<>();
    private final Map<ContentHash, FrameRef> own = new HashMap<>();
    private final Set<ContentHash> left = new HashSet<>();
    private int next;
    private long copiedForward;

    private KnownFrames(Optional<BackupReader> reader, List<MapRef> maps, DeadPacks dead) {
        this.reader = reader;
        this.maps = maps;
        this.dead = dead;
    }

    /** Nothing is known yet. */
    public static KnownFrames none() {
        return new KnownFrames(Optional.empty(), List.of(), DeadPacks.none());
    }

    /**
     * @param ancestor the same file in an older backup
     * @param dead packs whose frames are to be stored again
     */
    public static KnownFrames of(BackupReader reader, Entry ancestor, DeadPacks dead) {
        return new KnownFrames(Optional.of(reader), ancestor.maps(), dead);
    }

    /** The content is read from its beginning again. */
    void rewind() {
        ancestor.clear();
        loaded.clear();
        left.clear();
        next = 0;
    }

    Optional<FrameRef> find(long position, ContentHash hash) {
        FrameRef mine = own.get(hash);
        if (mine != null) {
            return Optional.of(mine);
        }
        // One map ahead: where something was cut out, what comes now stood further behind.
        while (next < maps.size() && (next < 2 || maps.get(next - 1).from() <= position)) {
            load(maps.get(next++));
        }
        return Optional.ofNullable(ancestor.get(hash));
    }

    private void load(MapRef map) {
        if (loaded.size() == MAPS) {
            whole(loaded.remove()).forEach(ref -> ancestor.remove(ref.frame().hash()));
        }
        List<Run> runs = reader.orElseThrow().runs(map);
        loaded.add(runs);
        for (FrameRef ref : whole(runs)) {
            if (dead.copyForward(ref)) {
                left.add(ref.frame().hash());
            } else {
                ancestor.put(ref.frame().hash(), ref);
            }
        }
    }

    private static List<FrameRef> whole(List<Run> runs) {
        List<FrameRef> whole = new ArrayList<>(runs.size());
        for (Run run : runs) {
            if (run instanceof Run.Stored stored
                    && run.length() == stored.ref().frame().rawLength()) {
                whole.add(stored.ref());
            }
        }
        return whole;
    }

    /** Bytes that were stored again although an older backup has them. */
    public long copiedForward() {
        return copiedForward;
    }

    void stored(FrameRef ref) {
        if (left.contains(ref.frame().hash())) {
            copiedForward += ref.frame().rawLength();
        }
        if (own.size() < OWN) {
            own.put(ref.frame().hash(), ref);
        }
    }
}
