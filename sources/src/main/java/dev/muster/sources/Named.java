package dev.muster.sources;

import java.util.ArrayList;
import java.util.List;

/** Names of what was special, bounded: all are counted, the first thousand kept. Thread-safe. */
public final class Named {
    /** So many names are kept. */
    public static final int KEPT = 1_000;

    private final List<String> names = new ArrayList<>();
    private long count;

    public synchronized void add(String name) {
        count++;
        if (names.size() < KEPT) {
            names.add(name);
        }
    }

    public synchronized long count() {
        return count;
    }

    public synchronized List<String> names() {
        return List.copyOf(names);
    }

    /** The first few in one line, for a message. */
    public synchronized String some() {
        int shown = Math.min(10, names.size());
        return String.join(", ", names.subList(0, shown)) + (count > shown ? " and " + (count - shown) + " more" : "");
    }
}
