package dev.muster.repository.locks;

import dev.muster.repository.RepositoryException;
import java.time.Instant;

/**
 * An object that is needed, and that somebody deleted or wrote over: only its lock has kept it.
 *
 * @param version the store's name for what is read in its place
 * @param stored when that was, by the store's clock
 */
public record HiddenObject(String key, String version, Instant stored) {
    /** Code OBJECT_HIDDEN, for who reports it. */
    public RepositoryException problem(String url) {
        return new RepositoryException(
                "OBJECT_HIDDEN",
                "The object " + key + " in " + url + " was deleted or written over, and is needed. It was read from its"
                        + " version " + version + " of " + stored + ", which lies behind.",
                "Who did it? Take his right to delete and to write away, remove the delete marker or the newer version, and"
                        + " have the lock extended before it ends: the object goes then.");
    }
}
