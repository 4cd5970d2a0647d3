package dev.muster.repository;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Opened objects by key, the most recently used ones kept. Thread-safe. */
final class RecentObjects<T> {
    private final LinkedHashMap<String, T> objects = new LinkedHashMap<>(16, 0.75f, true);
    private final int limit;
    private final Function<String, T> open;

    /** @param limit how many are kept at most */
    RecentObjects(int limit, Function<String, T> open) {
        this.limit = limit;
        this.open = open;
    }

    T get(String key) {
        synchronized (objects) {
            T known = objects.get(key);
            if (known != null) {
                return known;
            }
        }
        // Outside of the lock: one slow answer of the store must not hold up readers of other objects.
        T opened = open.apply(key);
        synchronized (objects) {
            objects.put(key, opened);
            if (objects.size() > limit) {
                Map.Entry<String, T> eldest = objects.entrySet().iterator().next();
                objects.remove(eldest.getKey());
            }
        }
        return opened;
    }
}
