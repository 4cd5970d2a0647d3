package dev.muster.workflows.backup;

import dev.muster.workflows.authority.Authority;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;

/** Backups, on the host queue. */
@ActivityInterface
public interface BackupActivities {
    /**
     * Takes the backup that the admitted plan names. A killed attempt leaves nothing visible and is done again from the
     * start; an attempt whose answer was lost is recognised by the run's id in the committed backup.
     */
    @ActivityMethod(name = "TakeBackup")
    TakenBackup takeBackup(Authority authority);
}
