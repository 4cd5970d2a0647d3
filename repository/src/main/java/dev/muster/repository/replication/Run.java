package dev.muster.repository.replication;

import dev.muster.repository.layout.Listings;
import dev.muster.repository.verification.Problems;
import dev.muster.repository.work.Crew;
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

    List<ObjectInfo> inOrigin(String prefix) {
        List<ObjectInfo> objects = new ArrayList<>();
        origin.list(prefix, objects::add);
        return objects;
    }

    Map<String, Long> inReplica(String prefix) {
        return ObjectCopier.inReplica(() -> Listings.sizes(replica, prefix));
    }
}
