package dev.muster.workflows.stores;

import org.jspecify.annotations.Nullable;

/**
 * Something in a store that is not as it should be.
 *
 * @param code stable, listed in docs/reference/errors.md
 * @param object its key
 * @param file of a backup that cannot be restored for it; null where none is known
 */
public record StoreProblem(
        String code, String object, @Nullable String file, String message) {
    /** So many go into a report; their number is always whole. */
    public static final int MOST = 20;
}
