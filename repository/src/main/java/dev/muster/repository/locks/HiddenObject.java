package dev.muster.repository.locks;

import dev.muster.repository.RepositoryException;
import java.time.Instant;

/**
 * An object that is needed, and that somebody deleted: only its lock has kept it.
 *
 * @param version the store's name for what is read in its place
 * @param stored when that was, by the store's clock
 */
public record HiddenObject(String key, String version, Instant stored) {
    /** Code OBJECT_HIDDEN, for who reports it. */
    public RepositoryException problem(String url) {
        return new RepositoryException(
                "OBJECT_HIDDEN",
                "The object " + key + " in " + url + " was deleted, and is needed. It was read from its version "
                        + version + " of " + stored + ", which lies behind a delete marker.",
                "Who deleted it? Take his right to delete away, remove the delete marker, and have the lock extended"
                        + " before it ends: the object goes then.");
    }
}
