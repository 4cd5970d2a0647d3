package dev.muster.repository.retention;

/**
 * Why a backup is kept or goes.
 *
 * @param code for programs
 * @param text for people, the end of the sentence "It is kept: ..." or "It goes: ..."
 */
public record Reason(Code code, String text) {
    /** Listed in docs/reference/retention.md. */
    public enum Code {
        NEWEST,
        LAST,
        WITHIN,
        HOURLY,
        DAILY,
        WEEKLY,
        MONTHLY,
        YEARLY,
        WINDOW,
        MARK,
        TIME_IN_FUTURE,
        NO_RULE,
        NAMED
    }
}
