package dev.muster.repository.expiry;

/** What a store says about locks before something is deleted: with versions, a locked object's delete looks like a success. */
public interface ObjectLocks {
    /** For stores without locks, or whose locks show only when they refuse a delete. */
    ObjectLocks NONE = key -> false;

    /** Whether the object is still locked. */
    boolean locked(String key);
}
