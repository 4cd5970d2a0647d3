package dev.muster.activities.place;

import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.repository.Repository;
import dev.muster.repository.keys.WrappingKey;
import dev.muster.storage.Stores;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The repositories that this worker has opened, one each, for all activities and services. One whose store does not answer
 * holds up only those who want that one.
 */
public final class Repositories implements AutoCloseable {
    private final Map<String, Slot> slots = new ConcurrentHashMap<>();

    /** The place of one repository. */
    private static final class Slot {
        private volatile @Nullable Repository opened;

        synchronized Repository open(String store, String key) {
            Repository found = opened;
            if (found == null) {
                found = Repository.open(Stores.open(store), WrappingKey.of(key));
                opened = found;
            }
            return found;
        }

        /** Waits for no store: what is being opened ends with the process. */
        void close() {
            Repository found = opened;
            if (found != null) {
                found.close();
            }
        }
    }

    /** Opens the database's repository with its key, or finds it open. */
    public Repository of(ProtectedDatabase database) {
        String store = database.repository().store();
        String key = database.repository().key().toString();
        return slots.computeIfAbsent(store + "\n" + key, any -> new Slot()).open(store, key);
    }

    /** The WAL that belongs to a backup. */
    public WalArchive wal(ProtectedDatabase database, BackupSummary backup) {
        return new WalArchive(of(database), database.source(), backup.systemId(), backup.segmentSize());
    }

    @Override
    public void close() {
        slots.values().forEach(Slot::close);
        slots.clear();
    }
}
