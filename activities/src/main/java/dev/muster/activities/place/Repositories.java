package dev.muster.activities.place;

import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.repository.Repository;
import dev.muster.repository.keys.WrappingKey;
import dev.muster.storage.Stores;
import java.util.HashMap;
import java.util.Map;

/** The repositories that this worker has opened, one each, for all activities and services. */
public final class Repositories implements AutoCloseable {
    private final Map<String, Repository> opened = new HashMap<>();

    /** Opens the database's repository with its key, or finds it open. */
    public synchronized Repository of(ProtectedDatabase database) {
        String store = database.repository().store();
        String key = database.repository().key().toString();
        Repository found = opened.get(store + "\n" + key);
        if (found == null) {
            found = Repository.open(Stores.open(store), WrappingKey.of(key));
            opened.put(store + "\n" + key, found);
        }
        return found;
    }

    /** The WAL that belongs to a backup. */
    public WalArchive wal(ProtectedDatabase database, BackupSummary backup) {
        return new WalArchive(of(database), database.source(), backup.systemId(), backup.segmentSize());
    }

    @Override
    public synchronized void close() {
        opened.values().forEach(Repository::close);
        opened.clear();
    }
}
