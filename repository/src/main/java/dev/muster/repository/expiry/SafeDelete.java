package dev.muster.repository.expiry;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Deletes objects one by one. One that is locked is left and told of: it is tried again the next time. Every other
 * trouble ends the run, as its outcome is unknown.
 */
public final class SafeDelete {
    /** What stores say when a lock, or a missing right, forbids it. */
    private static final Set<String> REFUSALS = Set.of("STORE_DENIED", "OBJECT_LOCKED");

    private final ObjectStore store;
    private final ObjectLocks locks;
    private final Consumer<String> deleted;
    private final List<String> locked = new ArrayList<>();
    private long count;

    /** @param deleted is told of each */
    public SafeDelete(ObjectStore store, ObjectLocks locks, Consumer<String> deleted) {
        this.store = store;
        this.locks = locks;
        this.deleted = deleted;
    }

    /** @return whether it is gone */
    public boolean delete(String key) {
        if (locks.locked(key)) {
            locked.add(key);
            return false;
        }
        try {
            store.delete(key);
        } catch (StoreException e) {
            if (!REFUSALS.contains(e.code())) {
                throw e;
            }
            locked.add(key);
            return false;
        }
        count++;
        deleted.accept(key);
        return true;
    }

    /** How many are gone. */
    public long count() {
        return count;
    }

    /** What was refused. */
    public List<String> locked() {
        return List.copyOf(locked);
    }
}
