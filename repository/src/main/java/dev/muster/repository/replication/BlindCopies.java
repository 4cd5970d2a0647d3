package dev.muster.repository.replication;

import dev.muster.repository.encryption.ObjectType;
import dev.muster.repository.layout.Listings;
import dev.muster.repository.layout.ObjectName;
import dev.muster.storage.ObjectInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies one source without the key. Which packs a backup takes from others cannot be seen then, so all that are there are
 * copied before the manifests and COMMITs that were there before.
 */
final class BlindCopies {
    private final Run run;
    private final RepositoryHead head;

    BlindCopies(Run run, RepositoryHead head) {
        this.run = run;
        this.head = head;
    }

    void copy(String source) {
        String prefix = ObjectName.backups(source);
        // Before packs are listed: what these need was durable when they came, and so is in the listings after this.
        List<ObjectInfo> ends = new ArrayList<>();
        Map<String, ObjectInfo> manifests = new HashMap<>();
        run.origin().list(prefix, object -> {
            if (ObjectName.of(object.key()) instanceof ObjectName.OfBackup name) {
                if (name.kind() == ObjectType.COMMIT) {
                    ends.add(object);
                } else if (name.kind() == ObjectType.MANIFEST) {
                    manifests.put(name.backup(), object);
                }
            }
        });
        new WalCopies(run).copy(source, wal -> true);
        boolean whole = packs(prefix);
        // Whoever made a key while this ran stored its slots before the first object under it.
        head.copyKeys();
        if (whole) {
            ends.forEach(commit -> end(source, commit, manifests));
        }
    }

    private boolean packs(String prefix) {
        Batch batch = run.batch();
        for (String folder : Listings.folders(run.origin(), prefix, 1, stray -> {})) {
            Map<String, Long> there = run.inReplica(folder);
            run.settle(there);
            for (ObjectInfo object : run.inOrigin(folder)) {
                boolean last = ObjectName.of(object.key()) instanceof ObjectName.OfBackup name && !name.shared();
                if (!last) {
                    batch.add(object, there);
                }
            }
        }
        batch.finish();
        return !batch.failedSome();
    }

    private void end(String source, ObjectInfo commit, Map<String, ObjectInfo> manifests) {
        String folder = commit.key().substring(0, commit.key().lastIndexOf('/') + 1);
        String backup = folder.substring(ObjectName.backups(source).length(), folder.length() - 1);
        Map<String, Long> there = run.inReplica(folder);
        if (there.keySet().stream().anyMatch(Run::isExpiring)) {
            return; // The replica has let it go by its own rule.
        }
        ObjectInfo manifest = manifests.get(backup);
        if (manifest == null) {
            return; // It was decided against, or cannot be restored: it must not come to count.
        }
        Batch batch = run.batch();
        batch.add(manifest, there);
        batch.finish();
        if (!batch.failedSome() && !batch.goneSome()) {
            batch.add(commit, there);
            batch.finish();
        }
        if (!batch.goneSome() && (batch.copiedSome() || batch.failedSome())) {
            run.backups()
                    .add(new ReplicatedBackup(
                            source,
                            backup,
                            batch.failedSome()
                                    ? ReplicatedBackup.Outcome.INCOMPLETE
                                    : ReplicatedBackup.Outcome.COPIED));
        }
    }
}
