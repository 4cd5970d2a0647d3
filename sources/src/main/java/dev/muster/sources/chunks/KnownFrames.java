package dev.muster.sources.chunks;

import dev.muster.repository.BackupReader;
import dev.muster.repository.Entry;
import dev.muster.repository.FrameRef;
import dev.muster.repository.MapRef;
import dev.muster.repository.Run;
import dev.muster.repository.frames.ContentHash;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
    private final Map<ContentHash, FrameRef> ancestor = new HashMap<>();
    private final Deque<List<Run>> loaded = new ArrayDeque<>();
    private final Map<ContentHash, FrameRef> own = new HashMap<>();
    private int next;

    private KnownFrames(Optional<BackupReader> reader, List<MapRef> maps) {
        this.reader = reader;
        this.maps = maps;
    }

    /** Nothing is known yet. */
    public static KnownFrames none() {
        return new KnownFrames(Optional.empty(), List.of());
    }

    /** @param ancestor the same file in an older backup */
    public static KnownFrames of(BackupReader reader, Entry ancestor) {
        return new KnownFrames(Optional.of(reader), ancestor.maps());
    }

    /** The content is read from its beginning again. */
    void rewind() {
        ancestor.clear();
        loaded.clear();
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
        whole(runs).forEach(ref -> ancestor.put(ref.frame().hash(), ref));
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

    void stored(FrameRef ref) {
        if (own.size() < OWN) {
            own.put(ref.frame().hash(), ref);
        }
    }
}
