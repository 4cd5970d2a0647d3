package dev.muster.repository.expiry;

import dev.muster.repository.Paths;
import dev.muster.repository.Repository;

/** Backups that were begun and never decided, whose packs a new backup may want to use again. */
public final class DeadBackups {
    private DeadBackups() {}

    /**
     * Whether a new backup may refer to packs of a backup that was begun and not decided. To be asked after the new
     * backup's lease is there, that is of a started {@link dev.muster.repository.BackupWriter}: then an expiry that takes
     * the old one away either is seen here, or sees the new one and waits.
     */
    public static boolean mayUse(Repository repository, String source, String backup) {
        String prefix = Paths.backup(source, backup);
        boolean[] ended = new boolean[1];
        repository.store().list(prefix, object -> {
            String name = object.key().substring(prefix.length());
            ended[0] |= name.equals("COMMIT") || name.startsWith(Paths.EXPIRE);
        });
        // Last, as an expiry deletes the lease before its mark: with the lease there, no mark was overlooked.
        boolean[] begun = new boolean[1];
        repository.store().list("lease/", object -> begun[0] |= object.key().endsWith("/" + backup));
        return begun[0] && !ended[0];
    }
}
