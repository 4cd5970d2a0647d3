package dev.muster.postgres.fence;

import dev.muster.postgres.PostgresException;

/**
 * Who wants a fence, and why.
 *
 * @param epoch of the run, 1 or more; a host refuses a lower one than it has seen
 * @param run the run's id
 * @param reason one line, for whoever finds PostgreSQL down at night
 * @param by the person who approved it, or the policy
 */
public record FenceOrder(long epoch, String run, String reason, String by) {
    private static final int LONGEST = 500;

    public FenceOrder {
        if (epoch < 1) {
            throw invalid("An epoch is 1 or more, not " + epoch);
        }
        line("run", run);
        line("reason", reason);
        line("by", by);
    }

    /** The state is read by a shell script, line by line. */
    static void line(String what, String text) {
        if (text.isBlank() || text.length() > LONGEST || text.chars().anyMatch(Character::isISOControl)) {
            throw invalid("A fence's " + what + " is one line of 1 to " + LONGEST + " characters");
        }
    }

    private static PostgresException invalid(String message) {
        return new PostgresException("FENCE_INVALID", message, "Nothing was changed; mend what is named.");
    }
}
