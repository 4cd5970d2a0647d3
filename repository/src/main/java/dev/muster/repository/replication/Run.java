package dev.muster.repository.replication;

import dev.muster.repository.layout.Listings;
import dev.muster.repository.verification.Problems;
import dev.muster.repository.work.Crew;
import dev.muster.storage.ObjectExistsException;
import dev.muster.storage.ObjectInfo;
import dev.muster.storage.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the parts of one replication share. */
record Run(
        ObjectStore origin,
        ObjectStore replica,
        ObjectCopier copier,
        Crew crew,
        Problems problems,
        List<ReplicatedBackup> backups) {
    Batch batch() {
        return new Batch(copier, crew);
    }

    /** Without marks of the origin's expiry: deletions are not propagated. */
    List<ObjectInfo> inOrigin(String prefix) {
        List<ObjectInfo> objects = new ArrayList<>();
        origin.list(prefix, object -> {
            if (!isExpiring(object.key())) {
                objects.add(object);
            }
        });
        return objects;
    }

    /** Whether the object says that its backup is being taken away from the store that it is in. */
    static boolean isExpiring(String key) {
        return key.contains("/EXPIRE-");
    }

    Map<String, Long> inReplica(String prefix) {
        return ObjectCopier.inReplica(() -> Listings.sizes(replica, prefix));
    }

    /**
     * Makes sure that a folder's objects outlive a power cut: who stored them may have been killed before it had synced their
     * directory, and a store does that when it refuses to create what is there.
     */
    void settle(Map<String, Long> there) {
        if (there.isEmpty()) {
            return;
        }
        String any = there.keySet().iterator().next();
        try {
            ObjectCopier.inReplica(() -> replica.create(any)).close();
        } catch (ObjectExistsException e) {
            return; // As it should be.
        }
    }
}
