package dev.muster.sources.diff;

import dev.muster.repository.BackupReader;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.MapRef;
import dev.muster.repository.Run;
import dev.muster.sources.SourceException;
import dev.muster.sources.entries.EntryIndex;
import dev.muster.sources.files.FileRules;
import dev.muster.sources.filesystem.FileFacts;
import dev.muster.sources.filesystem.NativePath;
import dev.muster.sources.restore.LocalContent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** What differs between a backup of a tree and a directory. Content is compared by reading the files and their hashes. */
public final class TreeDiff {
    private final BackupReader reader;
    private final Path root;
    private final FileRules rules;
    private final boolean owners;
    private final Consumer<Difference> each;
    private final LocalContent local = new LocalContent();

    /**
     * @param rules what of the directory counts where the backup does not have it
     * @param owners whether another owner is a difference
     * @param each is told of every difference
     */
    public TreeDiff(BackupReader reader, Path root, FileRules rules, boolean owners, Consumer<Difference> each) {
        this.reader = reader;
        this.root = root;
        this.rules = rules;
        this.owners = owners;
        this.each = each;
    }

    /** @throws SourceException SOURCE_NOT_A_DIRECTORY, SOURCE_UNREADABLE naming what cannot be read */
    public void run() {
        try (EntryIndex index = EntryIndex.of(reader)) {
            Path real = root.toRealPath();
            Optional<Entry> top = index.find(EntryPath.ROOT);
            if (top.isPresent()) {
                compare(top.get(), real, FileFacts.of(real));
            }
            enter(index, real, EntryPath.ROOT, FileRules.Say.IN);
            index.unseen(entry ->
                    each.accept(new Difference(NativePath.shown(entry.path()), Difference.Side.FIRST, Set.of())));
        } catch (IOException e) {
            throw new SourceException(
                    "SOURCE_NOT_A_DIRECTORY",
                    root + " cannot be compared: "
                            + (e instanceof NoSuchFileException ? "there is nothing of that name" : e),
                    "Is the path right, and may this user enter it?",
                    e);
        }
    }

    private void enter(EntryIndex index, Path directory, EntryPath path, FileRules.Say say) {
        try (DirectoryStream<Path> names = Files.newDirectoryStream(directory)) {
            for (Path name : names) {
                visit(index, name, EntryPath.of(joined(path, NativePath.name(name))), say);
            }
        } catch (DirectoryIteratorException e) {
            throw unreadable(path, Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private static byte[] joined(EntryPath above, byte[] name) {
        if (above.equals(EntryPath.ROOT)) {
            return name;
        }
        byte[] start = above.bytes();
        byte[] path = Arrays.copyOf(start, start.length + 1 + name.length);
        path[start.length] = '/';
        System.arraycopy(name, 0, path, start.length + 1, name.length);
        return path;
    }

    private void visit(EntryIndex index, Path path, EntryPath entry, FileRules.Say above) {
        try {
            FileFacts facts = FileFacts.of(path);
            boolean directory = facts.kind() == FileFacts.Kind.DIRECTORY;
            FileRules.Say say = rules.say(entry, directory, above);
            Optional<Entry> stored = index.find(entry);
            if (stored.isPresent()) {
                compare(stored.get(), path, facts);
            } else if (say == FileRules.Say.IN && facts.kind() != FileFacts.Kind.SPECIAL) {
                each.accept(new Difference(NativePath.shown(entry), Difference.Side.SECOND, Set.of()));
            }
            if (directory && (say == FileRules.Say.IN || stored.isPresent() || rules.mayIncludeBelow(entry))) {
                enter(index, path, entry, say);
            }
        } catch (IOException e) {
            throw unreadable(entry, e);
        }
    }

    private static SourceException unreadable(EntryPath path, IOException e) {
        return new SourceException(
                "SOURCE_UNREADABLE",
                NativePath.shown(path) + " cannot be read: " + e,
                "What cannot be read cannot be compared: let this user read it.",
                e);
    }

    private void compare(Entry entry, Path path, FileFacts facts) throws IOException {
        Set<Difference.Aspect> aspects = EnumSet.noneOf(Difference.Aspect.class);
        if (!entry.type().name().equals(facts.kind().name())) {
            aspects.add(Difference.Aspect.TYPE);
        } else {
            if (entry.type() == Entry.Type.FILE && !sameContent(entry, path, facts)) {
                aspects.add(Difference.Aspect.CONTENT);
            }
            if (entry.type() == Entry.Type.SYMLINK && !sameTarget(entry, path)) {
                aspects.add(Difference.Aspect.TARGET);
            }
            if (entry.type() != Entry.Type.SYMLINK) {
                attributes(entry, facts, aspects);
            }
        }
        if (!aspects.isEmpty()) {
            each.accept(new Difference(NativePath.shown(entry.path()), Difference.Side.BOTH, aspects));
        }
    }

    private void attributes(Entry entry, FileFacts facts, Set<Difference.Aspect> aspects) {
        if (entry.mode() != facts.mode()) {
            aspects.add(Difference.Aspect.MODE);
        }
        Entry.Owner owner = entry.owner();
        if (owners && owner != null && (owner.uid() != facts.uid() || owner.gid() != facts.gid())) {
            aspects.add(Difference.Aspect.OWNER);
        }
        if (entry.modified() != null && !entry.modified().equals(facts.modified())) {
            aspects.add(Difference.Aspect.MODIFIED);
        }
    }

    private static boolean sameTarget(Entry entry, Path path) throws IOException {
        return Files.readSymbolicLink(path)
                .equals(NativePath.path(entry.target().orElseThrow().bytes()));
    }

    private boolean sameContent(Entry entry, Path path, FileFacts facts) throws IOException {
        if (entry.size() != facts.size()) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            for (MapRef map : entry.maps()) {
                for (Run run : reader.runs(map)) {
                    if (!local.has(channel, run) && !(isPartOfFrame(run) && sameBytes(channel, run))) {
                        return false;
                    }
                }
            }
            return true;
        }
    }

    private static boolean isPartOfFrame(Run run) {
        return run instanceof Run.Stored stored
                && run.length() != stored.ref().frame().rawLength();
    }

    private boolean sameBytes(FileChannel channel, Run run) throws IOException {
        byte[] stored = new byte[run.length()];
        reader.read(run, stored, 0);
        ByteBuffer there = ByteBuffer.allocate(run.length());
        while (there.hasRemaining() && channel.read(there, run.offset() + there.position()) > 0) {
            // until the run is read, or the file ends
        }
        return Arrays.equals(stored, there.array());
    }
}
