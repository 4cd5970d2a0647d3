package dev.muster.sources.files;

import dev.muster.repository.BackupWriter;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.sources.Workers;
import dev.muster.sources.filesystem.FileFacts;
import dev.muster.sources.filesystem.NativePath;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Goes through a tree, stores what needs no reading, and hands files to the readers. Holds one open listing for each level
 * of depth and nothing of the names it has passed, so that the number of files does not matter. For one thread.
 */
final class TreeWalk {
    private final FileBackup.Settings settings;
    private final Ancestors ancestors;
    private final BackupWriter writer;
    private final LinkGroups links;
    private final FileBackupResult result;
    private final Clock clock;
    private final Workers<FileTask> workers;
    private final Optional<FileFacts> storeFolder;

    /** A directory on the way; one that is out is stored only if something below it is in. */
    private static final class Level {
        private final @Nullable Level above;
        private final Path path;
        private final EntryPath entry;
        private final FileFacts facts;
        private final FileRules.Say say;
        private boolean stored;

        Level(@Nullable Level above, Path path, EntryPath entry, FileFacts facts, FileRules.Say say) {
            this.above = above;
            this.path = path;
            this.entry = entry;
            this.facts = facts;
            this.say = say;
        }
    }

    TreeWalk(
            FileBackup.Settings settings,
            Ancestors ancestors,
            BackupWriter writer,
            LinkGroups links,
            FileBackupResult result,
            Clock clock,
            Workers<FileTask> workers,
            Optional<FileFacts> storeFolder) {
        this.settings = settings;
        this.ancestors = ancestors;
        this.writer = writer;
        this.links = links;
        this.result = result;
        this.clock = clock;
        this.workers = workers;
        this.storeFolder = storeFolder;
    }

    void walk(Path root) {
        try {
            Level top = new Level(null, root, EntryPath.ROOT, FileFacts.of(root), FileRules.Say.IN);
            store(top);
            enter(top);
        } catch (IOException e) {
            result.unreadable.add(root + " (" + FileReader.reason(e) + ")");
        }
    }

    private void enter(Level level) {
        if (Thread.currentThread().isInterrupted()) {
            throw Workers.cancelled();
        }
        try (DirectoryStream<Path> names = Files.newDirectoryStream(level.path)) {
            // A link that took the directory's place meanwhile was followed by the listing: it is dropped unread.
            FileFacts now = FileFacts.of(level.path);
            if (now.kind() != FileFacts.Kind.DIRECTORY || now.inode() != level.facts.inode()) {
                result.vanished.add(NativePath.shown(level.entry));
                return;
            }
            for (Path name : names) {
                visit(level, name);
            }
        } catch (DirectoryIteratorException e) {
            unreadable(level.entry, Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            unreadable(level.entry, e);
        }
    }

    private void unreadable(EntryPath entry, IOException e) {
        if (e instanceof NoSuchFileException) {
            result.vanished.add(NativePath.shown(entry));
        } else {
            result.unreadable.add(NativePath.shown(entry) + " (" + FileReader.reason(e) + ")");
        }
    }

    private void visit(Level level, Path path) {
        EntryPath entry;
        try {
            entry = entry(level.entry, NativePath.name(path));
        } catch (IllegalArgumentException e) {
            // Only a path beyond 4,096 bytes: the file system itself takes care of the rest.
            result.unreadable.add(NativePath.shown(level.entry) + "/… (" + e.getMessage() + ")");
            return;
        }
        try {
            FileFacts facts = FileFacts.of(path);
            FileRules.Say say = settings.rules().say(entry, facts.kind() == FileFacts.Kind.DIRECTORY, level.say);
            if (say == FileRules.Say.SECRET && level.say != FileRules.Say.SECRET) {
                result.secrets.add(NativePath.shown(entry));
            }
            if (facts.kind() == FileFacts.Kind.DIRECTORY) {
                directory(new Level(level, path, entry, facts, say));
            } else if (say == FileRules.Say.IN) {
                store(level);
                other(path, entry, facts);
            }
        } catch (IOException e) {
            unreadable(entry, e);
        }
    }

    private static EntryPath entry(EntryPath above, byte[] name) {
        if (above.equals(EntryPath.ROOT)) {
            return EntryPath.of(name);
        }
        byte[] start = above.bytes();
        byte[] path = Arrays.copyOf(start, start.length + 1 + name.length);
        path[start.length] = '/';
        System.arraycopy(name, 0, path, start.length + 1, name.length);
        return EntryPath.of(path);
    }

    private void directory(Level level) {
        boolean in = level.say == FileRules.Say.IN;
        if (!in && !settings.rules().mayIncludeBelow(level.entry)) {
            return;
        }
        boolean isStore = storeFolder
                .map(store -> store.device() == level.facts.device() && store.inode() == level.facts.inode())
                .orElse(false);
        if (isStore) {
            result.special.add(NativePath.shown(level.entry) + " (the store itself)");
            return;
        }
        if (in) {
            store(level);
        }
        boolean mounted = level.above != null && level.above.facts.device() != level.facts.device();
        if (mounted && settings.oneFileSystem()) {
            result.otherFileSystems.add(NativePath.shown(level.entry));
            return;
        }
        enter(level);
    }

    private void store(Level level) {
        if (level.stored) {
            return;
        }
        if (level.above != null) {
            store(level.above);
        }
        level.stored = true;
        writer.add(FileEntries.directory(level.entry, level.facts));
        result.directories.incrementAndGet();
    }

    private void other(Path path, EntryPath entry, FileFacts facts) throws IOException {
        switch (facts.kind()) {
            case SYMLINK -> {
                writer.add(FileEntries.symlink(entry, facts, NativePath.target(Files.readSymbolicLink(path))));
                result.symlinks.incrementAndGet();
            }
            case FILE -> file(new FileTask(path, entry, facts, ancestors.find(entry)));
            case SPECIAL -> result.special.add(NativePath.shown(entry));
            case DIRECTORY -> throw new IllegalStateException("A directory is not stored here: " + path);
        }
    }

    private void file(FileTask task) {
        LinkGroups.Joined joined = links.join(task);
        if (joined == LinkGroups.Joined.STORED) {
            result.files.incrementAndGet();
            result.bytes.addAndGet(task.facts().size());
        }
        if (joined != LinkGroups.Joined.NO) {
            return;
        }
        Optional<Entry> same =
                task.older().filter(older -> FileEntries.unchanged(older, task.facts()) && ancestors.stays(older));
        if (same.isEmpty()) {
            workers.add(task);
            return;
        }
        Entry entry = FileEntries.file(task.entry(), task.facts(), task.facts().size(), true, clock.instant());
        writer.unchangedFile(entry, same.get());
        links.stored(task, entry, same.get().maps());
        result.unchangedFiles.incrementAndGet();
        result.files.incrementAndGet();
        result.bytes.addAndGet(task.facts().size());
    }
}
