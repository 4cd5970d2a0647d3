package dev.muster.sources.chunks;

import dev.muster.repository.BackupReader;
import dev.muster.repository.BackupWriter;
import dev.muster.repository.Repository;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.expiry.DeadPacks;
import dev.muster.storage.ObjectMissingException;
import java.util.Optional;

/** What a new backup stores again rather than refer to, so that packs of expired backups can go. */
public final class Relief {
    private Relief() {}

    /**
     * Looks at all backups of the source.
     *
     * @param writer of a backup that has begun
     * @param older the one that it is made against
     */
    public static DeadPacks of(Repository repository, BackupWriter writer, Optional<BackupReader> older) {
        if (older.isEmpty()) {
            return DeadPacks.none();
        }
        try {
            long bytes =
                    older.get().backup().summary().path("totals").path("bytes").asLong();
            return DeadPacks.of(repository, writer.header().source()).forBackupOf(bytes);
        } catch (RepositoryException | ObjectMissingException e) {
            // Another backup is damaged, or expires just now. It costs room in the store, which verify and expire tell
            // of.
            return DeadPacks.none();
        }
    }
}
