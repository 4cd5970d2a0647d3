package dev.muster.repository.expiry;

/**
 * A backup that does not count, and what is left of it.
 *
 * @param objects left, without decision and marks
 * @param bytes of these
 */
public record Cleaning(String backup, Why why, int objects, long bytes) {
    /** Listed in docs/reference/retention.md. */
    public enum Why {
        /** Begun, not decided, and nothing was stored for a long time: it is decided against. */
        DEAD,
        /** Decided against before. */
        ABORTED,
        /** An expiry before this one took its COMMIT, and was killed or left what was needed then. */
        EXPIRED,
        /** Neither decided nor begun by anybody, for a long time. */
        LEFTOVER
    }
}
