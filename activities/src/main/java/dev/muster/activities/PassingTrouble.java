package dev.muster.activities;

import java.util.Set;

/**
 * What may be over after a while without anybody's help. Everything else with a code of ours stays as it is however often
 * it is tried; a full disk too, which a person has to see now, not after a day of retries.
 */
public final class PassingTrouble {
    private static final Set<String> CODES = Set.of(
            "STORE_UNREACHABLE",
            "STORE_MISSING",
            "STORE_UNAVAILABLE",
            "STORE_THROTTLED",
            "KMS_UNREACHABLE",
            "KEY_SLOT_UNREADABLE",
            "OBJECT_UNREADABLE",
            "UPLOAD_LOST",
            // An expiry took the writer for dead while it was suspended; the next attempt makes another backup.
            "BACKUP_ABORTED",
            "CONNECTION_FAILED",
            "CONNECTION_LOST",
            "SERVER_TIMEOUT",
            "POSTGRES_PROGRAM_FAILED",
            // The copy's server still replays; the next attempt adopts it and goes on.
            "RECOVERY_TIMEOUT",
            // A killed attempt, or its twin in this process, ends soon.
            "VERIFY_STATE_IN_USE",
            "BACKUP_UNDER_WAY",
            // The receiver lags or is just starting again.
            "WAL_NOT_ARCHIVED",
            // Rows that are there are left alone, so the repeat tells what became of the commit.
            "ROW_RETURN_UNKNOWN",
            // This worker is stopping; the next one takes the step.
            "CANCELLED",
            "INTERRUPTED");

    private PassingTrouble() {}

    /** @param code of an exception or a problem */
    public static boolean is(String code) {
        return CODES.contains(code);
    }
}
