package dev.muster.repository.encryption;

import dev.muster.repository.RepositoryException;

/** The error for an object whose bytes are not what was written. */
public final class Damage {
    public static final String CODE = "OBJECT_DAMAGED";

    private static final String HINT = "Nothing of the damaged part was used. Take the object from another copy of the"
            + " repository, or use another backup, and check the store's disk.";

    private Damage() {}

    /** @param why as the end of the sentence "The object x is damaged: ..." */
    public static RepositoryException of(String key, String why) {
        return new RepositoryException(CODE, "The object " + key + " is damaged: " + why + ".", HINT);
    }

    public static RepositoryException of(String key, String why, Throwable cause) {
        return new RepositoryException(CODE, "The object " + key + " is damaged: " + why + ".", HINT, cause);
    }
}
