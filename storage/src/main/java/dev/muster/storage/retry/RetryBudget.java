package dev.muster.storage.retry;

/**
 * How many repetitions all callers of a store have together. In an outage they are used up at once, and everything then
 * fails at its first try: a store that is coming back meets its usual load, not a multiple of it. Each success gives a
 * part of a repetition back.
 */
public final class RetryBudget {
    private static final int PARTS = 10;

    private final int most;
    private int left;

    /** @param repetitions at most, and at the beginning */
    public RetryBudget(int repetitions) {
        this.most = repetitions * PARTS;
        this.left = most;
    }

    /** Takes one repetition if there is one. */
    synchronized boolean take() {
        if (left < PARTS) {
            return false;
        }
        left -= PARTS;
        return true;
    }

    synchronized void succeeded() {
        left = Math.min(most, left + 1);
    }
}
