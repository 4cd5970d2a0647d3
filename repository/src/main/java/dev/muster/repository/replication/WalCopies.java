package dev.muster.repository.replication;

import dev.muster.repository.layout.Listings;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.verification.Problem;
import dev.muster.storage.ObjectInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Predicate;

/** Copies a source's WAL: histories, then folder by folder of 4 GiB. */
final class WalCopies {
    /** System id, timeline, high third of the segments' names. */
    private static final int FOLDER_DEPTH = 3;

    private final Run run;

    WalCopies(Run run) {
        this.run = run;
    }

    /** @param wanted of those that the replica lacks */
    void copy(String source, Predicate<ObjectInfo> wanted) {
        List<ObjectInfo> histories = new ArrayList<>();
        SortedSet<String> folders =
                Listings.folders(run.origin(), ObjectName.wal(source), FOLDER_DEPTH, histories::add);
        Batch batch = run.batch();
        for (ObjectInfo history : histories) {
            String stem = history.key().substring(0, history.key().lastIndexOf('-') + 1);
            copy(
                    batch,
                    List.of(history),
                    run.inReplica(stem),
                    history.key().endsWith(".history") ? all -> true : wanted);
        }
        for (String folder : folders) {
            copy(batch, run.inOrigin(folder), run.inReplica(folder), wanted);
        }
        batch.finish();
    }

    private void copy(Batch batch, List<ObjectInfo> objects, Map<String, Long> there, Predicate<ObjectInfo> wanted) {
        Map<String, String> stretches = new HashMap<>();
        there.keySet().forEach(key -> {
            if (ObjectName.of(key) instanceof ObjectName.Wal wal) {
                stretches.put(wal.stretch(), key);
            }
        });
        for (ObjectInfo object : objects) {
            if (there.containsKey(object.key())) {
                batch.add(object, there);
            } else if (wanted.test(object) && !conflicts(object.key(), stretches)) {
                batch.add(object, there);
            }
        }
    }

    /** Beside another content of the same name, both would be unusable in the replica. */
    private boolean conflicts(String key, Map<String, String> stretches) {
        if (!(ObjectName.of(key) instanceof ObjectName.Wal wal) || !stretches.containsKey(wal.stretch())) {
            return false;
        }
        run.problems()
                .add(new Problem(
                        "WAL_CONFLICT",
                        key,
                        Optional.empty(),
                        "The object " + key + " of " + run.origin().url() + " and " + stretches.get(wal.stretch())
                                + " of " + run.replica().url() + " have one name but for the hash of their content.",
                        "Was something else archived into the replica? Find out which is right, and move the other away;"
                                + " nothing was copied over it."));
        return true;
    }
}
