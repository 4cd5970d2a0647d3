package dev.muster.repository.expiry;

import dev.muster.repository.Repository;

/** What a store says about locks before something is deleted: with versions, a locked object's delete looks like a success. */
public interface ObjectLocks {
    /** For stores without locks, or whose locks show only when they refuse a delete. */
    ObjectLocks NONE = key -> false;

    /** Whether the object is still locked. */
    boolean locked(String key);

    /** What the repository's own store says, besides others. */
    static ObjectLocks of(Repository repository, ObjectLocks others) {
        return key -> others.locked(key) || repository.isLocked(key);
    }
}
