package dev.muster.sources.files;

import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.sources.filesystem.FileFacts;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file to be read.
 *
 * @param older the same path in the backup that this one is made against
 */
record FileTask(Path path, EntryPath entry, FileFacts facts, Optional<Entry> older) {}
