package dev.muster.repository.replication;

import dev.muster.repository.BackupReader;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.Entry;
import dev.muster.repository.MapRef;
import dev.muster.repository.Repository;
import dev.muster.repository.Run.Stored;
import dev.muster.repository.layout.ObjectName;
import dev.muster.repository.work.Crew;
import java.util.Collections;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** What a backup is restored from: map objects and packs, its own and those of others. */
public final class NeededObjects {
    private final Repository repository;
    private final Crew crew;

    /** @param crew reads the maps; nothing else may be under way in it */
    public NeededObjects(Repository repository, Crew crew) {
        this.repository = repository;
        this.crew = crew;
    }

    /**
     * The keys of all map objects and packs that its manifest and file maps name; a manifest of millions of files is read
     * as a stream.
     *
     * @throws dev.muster.repository.RepositoryException OBJECT_DAMAGED if it is not known what is needed
     */
    public SortedSet<String> of(CommittedBackup backup) {
        Set<String> needed = Collections.synchronizedSet(new TreeSet<>());
        BackupReader reader = repository.backup(backup.source(), backup.id());
        ThrownOnce thrown = new ThrownOnce();
        reader.entries(entry -> {
            if (entry.type() == Entry.Type.FILE && !entry.maps().isEmpty()) {
                crew.submit(() -> thrown.keep(() -> follow(reader, backup.source(), entry, needed)));
            }
        });
        crew.finish();
        thrown.rethrow();
        return new TreeSet<>(needed);
    }

    private static void follow(BackupReader reader, String source, Entry entry, Set<String> needed) {
        for (MapRef map : entry.maps()) {
            needed.add(ObjectName.map(source, map.backup(), map.object()));
            for (var run : reader.runs(map)) {
                if (run instanceof Stored stored) {
                    needed.add(ObjectName.pack(
                            source, stored.ref().backup(), stored.ref().pack()));
                }
            }
        }
    }
}
