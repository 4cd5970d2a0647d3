package dev.muster.sources.files;

import dev.muster.repository.BackupReader;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.sources.entries.EntryIndex;
import java.util.Optional;

/** The files of the backup that this one is made against; none for a full one. */
record Ancestors(Optional<BackupReader> reader, Optional<EntryIndex> index) implements AutoCloseable {
    Optional<Entry> find(EntryPath path) {
        return index.flatMap(entries -> entries.find(path)).filter(entry -> entry.type() == Entry.Type.FILE);
    }

    @Override
    public void close() {
        index.ifPresent(EntryIndex::close);
    }
}
