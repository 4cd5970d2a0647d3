package dev.muster.repository.verification;

import dev.muster.repository.frames.Frame;
import dev.muster.repository.frames.FramedObject;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What the indexes of the packs say that were used last, as many as fit an eighth of the heap. Thread-safe. */
final class OpenIndexes {
    /** Of a frame in memory, generously. */
    private static final int FRAME_BYTES = 128;

    private static final long MAX_FRAMES =
            Math.min(256 << 20, Runtime.getRuntime().maxMemory() / 8) / FRAME_BYTES;

    private final Function<String, FramedObject> open;
    private final LinkedHashMap<String, List<Frame>> recent = new LinkedHashMap<>(16, 0.75f, true);
    private long frames;

    OpenIndexes(Function<String, FramedObject> open) {
        this.open = open;
    }

    /** Whether the pack has exactly this frame at its offset. */
    boolean has(String pack, Frame frame) {
        List<Frame> index = frames(pack);
        int found = Collections.binarySearch(index, frame, Comparator.comparingLong(Frame::offset));
        return found >= 0 && index.get(found).equals(frame);
    }

    /** In the order of their offsets. */
    List<Frame> frames(String pack) {
        synchronized (recent) {
            List<Frame> known = recent.get(pack);
            if (known != null) {
                return known;
            }
        }
        // Only this of it: a small object holds all its bytes.
        List<Frame> opened = open.apply(pack).frames();
        synchronized (recent) {
            if (recent.put(pack, opened) == null) {
                frames += opened.size() + 1;
            }
            Iterator<Map.Entry<String, List<Frame>>> eldest = recent.entrySet().iterator();
            while (frames > MAX_FRAMES && recent.size() > 1) {
                frames -= eldest.next().getValue().size() + 1;
                eldest.remove();
            }
        }
        return opened;
    }
}
