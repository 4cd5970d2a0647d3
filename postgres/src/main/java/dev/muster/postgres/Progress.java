package dev.muster.postgres;

import java.util.Optional;

/** Watches a long copy, and may ask it to stop. Called from several threads, often; must return at once. */
public interface Progress {
    /** Nobody watches. */
    Progress NONE = (done, total) -> {};

    /**
     * @param done bytes copied so far
     * @param total bytes expected in all; may change a little while files grow and vanish
     */
    void advanced(long done, long total);

    /**
     * Says why nothing goes on just now; nothing is lost by it, and it is tried again.
     *
     * @param why empty once it goes on
     */
    default void hindered(Optional<PostgresException> why) {}

    /** True makes the copy end soon with a PostgresException of code CANCELLED. */
    default boolean cancelled() {
        return false;
    }

    /** @throws PostgresException CANCELLED if this has been cancelled or the thread was interrupted */
    default void check(String what) {
        if (cancelled() || Thread.currentThread().isInterrupted()) {
            throw new PostgresException(
                    "CANCELLED", what + " was cancelled", "Somebody stopped the run, or the worker is stopping.");
        }
    }
}
