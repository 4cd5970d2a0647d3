package dev.muster.repository;

import java.util.LinkedHashMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Opened objects by key, the most recently used ones kept, bounded by number and by bytes. Thread-safe. */
final class RecentObjects<T> {
    private final LinkedHashMap<String, T> objects = new LinkedHashMap<>(16, 0.75f, true);
    private final int limit;
    private final long maxBytes;
    private final ToLongFunction<T> size;
    private final Function<String, T> open;
    private long bytes;

    /** @param limit how many are kept at most */
    RecentObjects(int limit, Function<String, T> open) {
        this(limit, 0, object -> 0, open);
    }

    /**
     * @param limit how many are kept at most
     * @param maxBytes how many they may hold together
     * @param size how many bytes one holds
     */
    RecentObjects(int limit, long maxBytes, ToLongFunction<T> size, Function<String, T> open) {
        this.limit = limit;
        this.maxBytes = maxBytes;
        this.size = size;
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
            bytes += size.applyAsLong(opened) - held(objects.put(key, opened));
            while (objects.size() > limit || bytes > maxBytes) {
                String eldest = objects.keySet().iterator().next();
                bytes -= held(objects.remove(eldest));
            }
        }
        return opened;
    }

    private long held(@Nullable T object) {
        return object == null ? 0 : size.applyAsLong(object);
    }
}
