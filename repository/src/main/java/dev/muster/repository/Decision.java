package dev.muster.repository;

/** What was decided over a backup. */
public sealed interface Decision {
    /** It counts. */
    record Committed(CommittedBackup backup) implements Decision {}

    /** It never will. */
    record Aborted(String backup) implements Decision {}
}
