package dev.muster.repository.verification;

import dev.muster.repository.frames.FramedObject;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** The indexes of the packs that were used last, as many as fit some 20 MiB. Thread-safe. */
final class OpenIndexes {
    private static final int MAX_FRAMES = 200_000;

    private final Function<String, FramedObject> open;
    private final LinkedHashMap<String, FramedObject> recent = new LinkedHashMap<>(16, 0.75f, true);
    private long frames;

    OpenIndexes(Function<String, FramedObject> open) {
        this.open = open;
    }

    FramedObject get(String key) {
        synchronized (recent) {
            FramedObject known = recent.get(key);
            if (known != null) {
                return known;
            }
        }
        FramedObject opened = open.apply(key);
        synchronized (recent) {
            if (recent.put(key, opened) == null) {
                frames += opened.frames().size();
            }
            Iterator<Map.Entry<String, FramedObject>> eldest = recent.entrySet().iterator();
            while (frames > MAX_FRAMES && recent.size() > 1) {
                frames -= eldest.next().getValue().frames().size();
                eldest.remove();
            }
        }
        return opened;
    }
}
