package dev.muster.repository.proof;

import dev.muster.repository.CommittedBackup;
import dev.muster.repository.verification.BackupResult;
import java.util.List;
import java.util.Optional;

/**
 * A committed backup in one store.
 *
 * @param marks that keep it, oldest first, also those that have ended
 * @param listing whether all is there that it names; empty if that was not looked at
 * @param content what the looks at every byte say; empty if that was not asked
 */
public record StoredCopy(
        CommittedBackup backup, List<Mark> marks, Optional<BackupResult> listing, Optional<ContentResult> content) {
    public StoredCopy {
        marks = List.copyOf(marks);
    }

    /**
     * A mark that keeps it.
     *
     * @param id a ULID
     * @param by who wants it kept; empty if the mark cannot be read
     * @param why in words; why the mark cannot be read, if so: then it keeps its backup all the same
     * @param made ISO-8601; empty if the mark cannot be read
     * @param until ISO-8601; empty if it holds until it is taken away
     */
    public record Mark(String id, String by, String why, Optional<String> made, Optional<String> until) {}
}
