package dev.muster.repository.retention;

import dev.muster.repository.CommittedBackup;
import java.util.List;

/**
 * A committed backup that is judged.
 *
 * @param line what it is a state of; see {@link BackupOrder#line}
 * @param marks that keep it, also those that have ended
 * @param named whether somebody has asked for this one to go; a mark is stronger
 */
public record Candidate(CommittedBackup backup, String line, List<KeepMark> marks, boolean named) {
    public Candidate {
        marks = List.copyOf(marks);
    }
}
