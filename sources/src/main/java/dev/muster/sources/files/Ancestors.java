package dev.muster.sources.files;

import dev.muster.repository.BackupReader;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.expiry.DeadPacks;
import dev.muster.sources.entries.EntryIndex;
import java.util.Optional;

/**
 * The files of the backup that this one is made against; none for a full one.
 *
 * @param dead packs that this one is not to refer to
 */
record Ancestors(Optional<BackupReader> reader, Optional<EntryIndex> index, DeadPacks dead) implements AutoCloseable {
    static Ancestors of(Optional<BackupReader> older) {
        return new Ancestors(older, older.map(EntryIndex::of), DeadPacks.none());
    }

    Ancestors leaving(DeadPacks packs) {
        return new Ancestors(reader, index, packs);
    }

    Optional<Entry> find(EntryPath path) {
        return index.flatMap(entries -> entries.find(path)).filter(entry -> entry.type() == Entry.Type.FILE);
    }

    /** Whether nothing of a file is to be stored again. Reads its maps only if there is anything to look for. */
    boolean stays(Entry older) {
        return dead.isEmpty() || reader.orElseThrow().runs(older).noneMatch(dead::copyForward);
    }

    @Override
    public void close() {
        index.ifPresent(EntryIndex::close);
    }
}
