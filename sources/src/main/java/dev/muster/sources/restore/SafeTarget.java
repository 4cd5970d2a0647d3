package dev.muster.sources.restore;

import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.frames.Sha256;
import dev.muster.sources.SourceException;
import dev.muster.sources.filesystem.FileFacts;
import dev.muster.sources.filesystem.NativePath;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * The folder that a tree is restored to. Every name is reached from it through real directories only: a link on the way,
 * whoever made it, ends the restore before anything is written (SAFETY "Repository and stores" 7). Thread-safe.
 */
final class SafeTarget {
    private static final int SPECIAL_BITS = 06000;

    private final Path root;
    private final RestoreSettings settings;
    private final TreeRestoreResult result;

    SafeTarget(Path root, RestoreSettings settings, TreeRestoreResult result) {
        this.root = root;
        this.settings = settings;
        this.result = result;
    }

    /** Where an entry belongs; its directories are there, and are none but directories. */
    Path place(EntryPath entry) throws IOException {
        Path place = NativePath.below(root, entry);
        if (!place.startsWith(root)) {
            throw new IllegalStateException("An entry's path leaves the target: " + entry);
        }
        Path at = root;
        for (int i = root.getNameCount(); i < place.getNameCount() - 1; i++) {
            at = at.resolve(place.getName(i));
            directory(at);
        }
        return place;
    }

    private static void directory(Path path) throws IOException {
        Optional<FileFacts> facts = facts(path);
        if (facts.isEmpty()) {
            create(path);
        } else if (facts.get().kind() != FileFacts.Kind.DIRECTORY) {
            throw inTheWay(path, facts.get());
        }
    }

    private static void create(Path path) throws IOException {
        try {
            Files.createDirectory(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            // Another thread was first; what it made is looked at like everything else.
            FileFacts facts = FileFacts.of(path);
            if (facts.kind() != FileFacts.Kind.DIRECTORY) {
                throw inTheWay(path, facts);
            }
        }
    }

    /** What stands at a path; a link itself. */
    static Optional<FileFacts> facts(Path path) throws IOException {
        try {
            return Optional.of(FileFacts.of(path));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    static SourceException inTheWay(Path path, FileFacts facts) {
        if (facts.kind() == FileFacts.Kind.SYMLINK) {
            return new SourceException(
                    "RESTORE_THROUGH_LINK",
                    "The restore would go through the symbolic link " + path,
                    "Nothing was written behind it. Remove the link, or restore to an empty folder.");
        }
        return new SourceException(
                "RESTORE_IN_THE_WAY",
                path + " is a " + facts.kind().name().toLowerCase(java.util.Locale.ROOT)
                        + ", and the backup has something else of this name",
                "Nothing is replaced by another kind of thing. Move it away, or restore to an empty folder.");
    }

    void directory(Entry entry) throws IOException {
        if (!entry.path().equals(EntryPath.ROOT)) {
            directory(place(entry.path()));
        }
        result.directories.incrementAndGet();
    }

    /** A short name of this restore's own beside a file; the same each time, so that what a kill left is replaced. */
    static Path temporary(Path place) {
        String hash = Sha256.hash(NativePath.bytes(place)).toString().substring(0, 16);
        return place.resolveSibling(".muster-" + hash + ".part");
    }

    /** Owner, time and mode, the mode last: it may take away what the others need. */
    void attributes(Entry entry, Path path) throws IOException {
        Entry.Owner owner = entry.owner();
        if (settings.owners() && owner != null) {
            Files.setAttribute(path, "unix:uid", owner.uid(), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:gid", owner.gid(), LinkOption.NOFOLLOW_LINKS);
        }
        if (entry.type() == Entry.Type.SYMLINK) {
            return;
        }
        if (entry.modified() != null) {
            FileTime time = FileTime.from(entry.modified());
            Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setTimes(time, null, null);
        }
        int mode = mode(entry);
        if (mode != entry.mode()) {
            result.withoutSpecialBits.add(NativePath.shown(entry.path()));
        }
        Files.setAttribute(path, "unix:mode", mode, LinkOption.NOFOLLOW_LINKS);
    }

    private int mode(Entry entry) {
        return settings.specialBits() ? entry.mode() : entry.mode() & ~SPECIAL_BITS;
    }

    /** Whether what is there has mode, time and owner as the restore would give them. */
    boolean hasAttributes(Entry entry, FileFacts facts) {
        Entry.Owner owner = entry.owner();
        boolean owned =
                !settings.owners() || owner == null || (owner.uid() == facts.uid() && owner.gid() == facts.gid());
        return owned
                && facts.mode() == mode(entry)
                && (entry.modified() == null || entry.modified().equals(facts.modified()));
    }

    Path root() {
        return root;
    }
}
