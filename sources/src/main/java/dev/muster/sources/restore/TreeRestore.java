package dev.muster.sources.restore;

import dev.muster.repository.BackupReader;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.MapRef;
import dev.muster.repository.Repository;
import dev.muster.repository.reading.Reading;
import dev.muster.sources.Progress;
import dev.muster.sources.SourceException;
import dev.muster.sources.Workers;
import dev.muster.sources.files.FileEntries;
import dev.muster.sources.filesystem.FileFacts;
import dev.muster.sources.filesystem.NativePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Brings a tree back: directories, then files, then further names and symbolic links, when nothing is written any more
 * that could go through one; attributes of directories last. Killed and called again it goes on where it was. Holds the
 * directories and the first names of files with several; everything else goes by.
 */
public final class TreeRestore {
    /** Small files that are fetched together: at most 4 MiB. */
    private static final int BATCH = 128;

    private static final int SYNCING = 16;

    /** Names of one file, if their content is the same one. */
    private record Group(String link, List<MapRef> maps) {}

    private final Repository repository;
    private final BackupReader reader;
    private final RestoreSettings settings;
    private final TreeRestoreResult result = new TreeRestoreResult();
    private final Map<Group, EntryPath> firstNames = new HashMap<>();

    /** @param backup an id */
    public TreeRestore(Repository repository, String source, String backup, RestoreSettings settings) {
        this.repository = repository;
        this.reader = repository.backup(source, backup);
        this.settings = settings;
        String what = reader.header().attributes().path("what").asText();
        if (!what.equals(FileEntries.WHAT)) {
            throw new SourceException(
                    "NOT_A_FILE_BACKUP",
                    "The backup " + backup + " of " + source + " is of the kind '" + what
                            + "', not of a directory tree",
                    "muster restore brings a PostgreSQL cluster back, muster repo restore --to - a stream.");
        }
    }

    /**
     * Restores.
     *
     * @throws SourceException TARGET_NOT_EMPTY, RESTORE_THROUGH_LINK, RESTORE_IN_THE_WAY, PATH_NOT_IN_BACKUP, DISK_FULL,
     *     RESTORE_WRITE_FAILED, CANCELLED
     * @throws dev.muster.repository.RepositoryException OBJECT_DAMAGED, naming the file
     */
    public TreeRestoreResult run(Progress progress) {
        refusePathsThatAreNotThere();
        try (Reading reading = begin()) {
            RestoreMarker marker = RestoreMarker.begin(settings, reader.backup().id());
            SafeTarget target = new SafeTarget(marker.root(), settings, result);
            List<Entry> directories = directories(target);
            boolean replace = settings.overwrite() || marker.goingOn();
            try (Workers<List<Entry>> workers = new Workers<>(
                    settings.workers(),
                    "files-restore",
                    () -> new FileRestorer(reader, target, replace, result, progress))) {
                files(workers);
                workers.finish();
            }
            each(Entry.Type.FILE, entry -> furtherName(entry, target, replace));
            each(Entry.Type.SYMLINK, entry -> symlink(entry, target, replace));
            sync(target, directories);
            for (Entry directory : directories) {
                if (directory.path().equals(EntryPath.ROOT)) {
                    // Below a folder that may not be written any more the marker could not go.
                    marker.complete();
                }
                target.attributes(directory, target.place(directory.path()));
            }
            marker.complete();
            return result;
        } catch (IOException e) {
            throw failure(e);
        } catch (UncheckedIOException e) {
            throw failure(Objects.requireNonNull(e.getCause()));
        }
    }

    private Reading begin() {
        return Reading.begin(
                repository, reader.backup().source(), reader.backup().id(), "into " + settings.target());
    }

    private void files(Workers<List<Entry>> workers) {
        List<Entry> batch = new ArrayList<>();
        each(Entry.Type.FILE, entry -> {
            if (isFirstName(entry)) {
                batch.add(entry);
            }
            if (batch.size() == BATCH || (!batch.isEmpty() && !SmallFiles.isSmall(entry))) {
                workers.add(List.copyOf(batch));
                batch.clear();
            }
        });
        workers.add(List.copyOf(batch));
    }

    /** Something to do with an entry. */
    private interface Step {
        void take(Entry entry) throws IOException;
    }

    private void each(Entry.Type type, Step step) {
        reader.entries(unchecked(entry -> {
            if (entry.type() == type && settings.wants(entry.path()) && !RestoreMarker.isMarker(entry.path())) {
                step.take(entry);
            }
        }));
    }

    private static Consumer<Entry> unchecked(Step step) {
        return entry -> {
            try {
                step.take(entry);
            } catch (IOException e) {
                throw new UncheckedIOException(NativePath.shown(entry.path()), e);
            }
        };
    }

    /** Deepest first, for their attributes. */
    private List<Entry> directories(SafeTarget target) throws IOException {
        List<Entry> directories = new ArrayList<>();
        each(Entry.Type.DIRECTORY, directories::add);
        directories.sort(Comparator.comparing(Entry::path));
        for (Entry directory : directories) {
            target.directory(directory);
            Path place = target.place(directory.path());
            int mode = FileFacts.of(place).mode();
            if ((mode & 0700) != 0700) {
                // One that an interrupted restore had finished may not be writable any more.
                Files.setAttribute(place, "unix:mode", mode | 0700, LinkOption.NOFOLLOW_LINKS);
            }
        }
        directories.sort(Comparator.comparing(TreeRestore::depth).reversed());
        return directories;
    }

    /** The root is the shallowest. */
    private static int depth(Entry directory) {
        int depth = directory.path().equals(EntryPath.ROOT) ? 0 : 1;
        for (byte b : directory.path().bytes()) {
            depth += b == '/' ? 1 : 0;
        }
        return depth;
    }

    private static Optional<Group> group(Entry entry) {
        return Optional.ofNullable(entry.attributes().get(FileEntries.LINK)).map(link -> new Group(link, entry.maps()));
    }

    private boolean isFirstName(Entry entry) {
        return group(entry)
                .map(group -> firstNames.putIfAbsent(group, entry.path()) == null)
                .orElse(true);
    }

    private void furtherName(Entry entry, SafeTarget target, boolean replace) throws IOException {
        Optional<EntryPath> first = group(entry).map(firstNames::get);
        if (first.isEmpty() || first.get().equals(entry.path())) {
            return;
        }
        Path place = target.place(entry.path());
        Path existing = target.place(first.get());
        Optional<FileFacts> there = SafeTarget.facts(place);
        if (there.isPresent()) {
            if (there.get().isSameFile(FileFacts.of(existing))) {
                result.links.incrementAndGet();
                return;
            }
            makeWay(place, there.get(), replace);
        }
        Files.createLink(place, existing);
        result.links.incrementAndGet();
    }

    private static void makeWay(Path place, FileFacts there, boolean replace) throws IOException {
        boolean kind = there.kind() == FileFacts.Kind.FILE || there.kind() == FileFacts.Kind.SYMLINK;
        if (!replace || !kind) {
            throw SafeTarget.inTheWay(place, there);
        }
        Files.delete(place);
    }

    private void symlink(Entry entry, SafeTarget target, boolean replace) throws IOException {
        Path place = target.place(entry.path());
        Path points = NativePath.path(entry.target().orElseThrow().bytes());
        Optional<FileFacts> there = SafeTarget.facts(place);
        boolean same =
                there.map(facts -> facts.kind() == FileFacts.Kind.SYMLINK).orElse(false)
                        && Files.readSymbolicLink(place).equals(points);
        if (!same) {
            if (there.isPresent()) {
                makeWay(place, there.get(), replace);
            }
            Files.createSymbolicLink(place, points);
        }
        target.attributes(entry, place);
        result.links.incrementAndGet();
    }

    /** Before anything is written: of several paths one that was mistyped would be missed too late. */
    private void refusePathsThatAreNotThere() {
        Set<EntryPath> missing = new LinkedHashSet<>(settings.only());
        if (missing.isEmpty()) {
            return;
        }
        reader.entries(entry -> missing.removeIf(path -> RestoreSettings.isBelow(entry.path(), path)));
        if (!missing.isEmpty()) {
            throw new SourceException(
                    "PATH_NOT_IN_BACKUP",
                    "The backup " + reader.backup().id() + " has nothing at "
                            + missing.stream().map(NativePath::shown).collect(Collectors.joining(", "))
                            + "; nothing was written",
                    "Paths are relative to the root of the backup; muster repo show --files lists them.");
        }
    }

    /**
     * After all is written, when the disk has had most of it already; many at once, so that one commit of the file
     * system's journal serves many of them.
     */
    private void sync(SafeTarget target, List<Entry> directories) throws IOException {
        try (Workers<Path> workers = new Workers<>(SYNCING, "files-sync", Syncing::new)) {
            each(Entry.Type.FILE, entry -> workers.add(target.place(entry.path())));
            workers.finish();
        }
        try (Syncing syncing = new Syncing()) {
            for (Entry directory : directories) {
                syncing.accept(target.place(directory.path()));
            }
        }
    }

    /** Makes content, or the names in a directory, survive a loss of power. */
    private static final class Syncing implements Workers.Tool<Path> {
        @Override
        public void accept(Path path) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
                channel.force(true);
            } catch (AccessDeniedException e) {
                // A mode of the backup that lets nobody read it: the file was closed whole, and goes with the rest.
            } catch (IOException e) {
                throw new UncheckedIOException(path.toString(), e);
            }
        }

        @Override
        public void close() {}
    }

    private SourceException failure(IOException cause) {
        String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        if (text.contains("no space left") || text.contains("quota exceeded")) {
            return new SourceException(
                    "DISK_FULL",
                    "The disk of " + settings.target() + " became full during the restore; the target is partial",
                    "Free space and call the restore again: it goes on where it was.",
                    cause);
        }
        return new SourceException(
                "RESTORE_WRITE_FAILED",
                "Cannot restore to " + settings.target() + ": " + cause,
                "May this user write there? Look for disk errors in the kernel's log.",
                cause);
    }
}
