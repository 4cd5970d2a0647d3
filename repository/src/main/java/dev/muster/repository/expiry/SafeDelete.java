package dev.muster.repository.expiry;

import dev.muster.storage.ObjectStore;
import dev.muster.storage.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Deletes objects one by one. One that is locked is left and told of: it is tried again the next time. Every other
 * trouble ends the run, as its outcome is unknown.
 */
public final class SafeDelete {
    /** What stores say when a lock, or a missing right, forbids it. */
    private static final Set<String> REFUSALS = Set.of("STORE_DENIED", "OBJECT_LOCKED");

    private final ObjectStore store;
    private final Predicate<String> isLocked;
    private final Consumer<String> deleted;
    private final List<String> locked = new ArrayList<>();
    private long count;

    /**
     * @param isLocked asked first: with versions, a locked object's delete looks like a success
     * @param deleted is told of each
     */
    public SafeDelete(ObjectStore store, Predicate<String> isLocked, Consumer<String> deleted) {
        this.store = store;
        this.isLocked = isLocked;
        this.deleted = deleted;
    }

    /** @return whether it is gone */
    public boolean delete(String key) {
        if (isLocked.test(key)) {
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
