package dev.muster.repository.expiry;

import dev.muster.repository.BackupReader;
import dev.muster.repository.CommittedBackup;
import dev.muster.repository.FrameRef;
import dev.muster.repository.MapRef;
import dev.muster.repository.Paths;
import dev.muster.repository.Repository;
import dev.muster.repository.Run;
import dev.muster.repository.frames.ContentHash;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/** The map objects and packs that committed backups refer to, whosever they are. */
final class Needed {
    /** Maps that were read already; forgotten when there are so many, which costs reads and no truth. */
    private static final int KNOWN_MAPS = 500_000;

    private final Repository repository;
    private final String source;
    private final BiConsumer<CommittedBackup, Run.Stored> each;
    private final Set<String> keys = new HashSet<>();
    private final Set<ContentHash> known = new HashSet<>();

    Needed(Repository repository, String source) {
        this(repository, source, (backup, run) -> {});
    }

    /** @param each is told of runs; of a map that several backups share only once */
    Needed(Repository repository, String source, BiConsumer<CommittedBackup, Run.Stored> each) {
        this.repository = repository;
        this.source = source;
        this.each = each;
    }

    /**
     * Adds what a backup refers to.
     *
     * @throws dev.muster.repository.RepositoryException if its manifest or a file map cannot be read
     */
    Needed add(CommittedBackup backup) {
        BackupReader reader = repository.backup(source, backup.id());
        reader.entries(entry -> {
            for (MapRef map : entry.maps()) {
                add(backup, reader, map);
            }
        });
        return this;
    }

    private void add(CommittedBackup backup, BackupReader reader, MapRef map) {
        keys.add(Paths.map(source, map.backup(), map.object()));
        if (known.contains(map.hash())) {
            return; // Equal hashes are equal content, and so the same packs.
        }
        Optional<FrameRef> last = Optional.empty();
        for (Run run : reader.runs(map)) {
            if (run instanceof Run.Stored stored) {
                each.accept(backup, stored);
                FrameRef ref = stored.ref();
                if (last.isEmpty()
                        || last.get().pack() != ref.pack()
                        || !last.get().backup().equals(ref.backup())) {
                    keys.add(Paths.pack(source, ref.backup(), ref.pack()));
                    last = Optional.of(ref);
                }
            }
        }
        if (known.size() >= KNOWN_MAPS) {
            known.clear();
        }
        known.add(map.hash());
    }

    boolean contains(String key) {
        return keys.contains(key);
    }
}
