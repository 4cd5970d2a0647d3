package dev.muster.runbooks;

import java.util.regex.Pattern;

/** Which backup to restore. */
public sealed interface BackupChoice {
    /** The newest that can reach the target. */
    record Newest() implements BackupChoice {}

    /**
     * This one.
     *
     * @param id a ULID
     */
    record ById(String id) implements BackupChoice {
        private static final Pattern ULID = Pattern.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}");

        public ById {
            if (!possible(id)) {
                throw new IllegalArgumentException("A backup's id is a ULID of 26 characters, not '" + id + "'");
            }
        }

        /** Whether the text has the form of a backup's id. */
        public static boolean possible(String id) {
            return ULID.matcher(id).matches();
        }
    }
}
