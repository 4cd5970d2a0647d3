package dev.muster.storage;

import java.time.Instant;

/**
 * One of the things that a store keeps under one key.
 *
 * @param version the store's name for it
 * @param deleteMarker that there is nothing to read: somebody deleted the object at that time
 * @param latest what readers of the key see
 * @param size in bytes; 0 for a delete marker
 * @param modified by the store's clock
 * @param etag what the store calls these bytes; equal ones are equal bytes, different ones may be; empty if it does not say
 */
public record ObjectVersion(
        String key, String version, boolean deleteMarker, boolean latest, long size, Instant modified, String etag) {
    /** Whether they are known to be the same bytes. */
    public boolean isSame(ObjectVersion other) {
        boolean equal = !etag.isEmpty() && etag.equals(other.etag) && size == other.size;
        return version.equals(other.version) || equal;
    }
}
