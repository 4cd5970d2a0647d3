package dev.muster.repository.expiry;

import dev.muster.repository.Repository;
import dev.muster.repository.reading.Readers;
import dev.muster.storage.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Which backups of a source were begun and are not decided, as nobody knows yet what they need; and which are restored. */
public final class RunningBackups {
    private RunningBackups() {}

    /** Also those whose writers may be dead: an expiry of backups decides over these. Restores that are dead are not. */
    public static List<Running> of(Repository repository, String source) {
        SourceObjects objects = new SourceObjects(repository, source);
        List<FoundLease> leases = objects.leases();
        Map<String, BackupObjects> backups = objects.list();
        List<Running> running = new ArrayList<>();
        for (FoundLease lease : leases) {
            BackupObjects backup = backups.getOrDefault(lease.backup(), BackupObjects.none(source, lease.backup()));
            if (backup.decision().isEmpty() && !backup.expiring()) {
                running.add(new Running(lease.backup(), lease.writer(), lease.modified()));
            }
        }
        running.addAll(restores(repository, source));
        return List.copyOf(running);
    }

    /** Only where a restore is announced something must be created to know the store's clock; not on a full disk. */
    private static List<Running> restores(Repository repository, String source) {
        if (Readers.of(repository, source).isEmpty()) {
            return List.of();
        }
        Instant now;
        try {
            now = StoreProbe.of(repository.store()).now();
        } catch (StoreException e) {
            if (!e.code().equals("STORE_FULL")) {
                throw e;
            }
            now = repository.clock().instant();
        }
        return restores(repository, source, now);
    }

    /** Restores that hold deletion up as a backup does: what they read, they may read to the end. */
    static List<Running> restores(Repository repository, String source, Instant storeNow) {
        return Readers.of(repository, source).stream()
                .filter(reader -> reader.isLive(storeNow))
                .map(reader -> new Running(reader.backup(), reader.by(repository), reader.modified()))
                .toList();
    }
}
