package dev.muster.repository.retention;

import dev.muster.repository.CommittedBackup;
import java.util.List;

/** What of the backups of a source is newer. It should not come from clocks where there is something better. */
@FunctionalInterface
public interface BackupOrder {
    /** The same backups, oldest first; those of one line are neighbours. */
    List<CommittedBackup> apply(List<CommittedBackup> backups);

    /** Names what a backup is a state of, such as a cluster: recovery between its backups goes on within one line only. */
    default String line(CommittedBackup backup) {
        return "";
    }
}
