package dev.muster.repository.expiry;

/** Is told how far an expiry is. What it throws ends the expiry, as a kill does. */
public interface ExpiryProgress {
    /** Nobody listens. */
    ExpiryProgress NONE = new ExpiryProgress() {};

    /** In this order. */
    enum Step {
        LISTING,
        DECIDING,
        LOOKING_FOR_WRITERS,
        READING_WHAT_IS_NEEDED,
        DELETING
    }

    default void step(Step step) {}

    default void deleted(String key) {}
}
