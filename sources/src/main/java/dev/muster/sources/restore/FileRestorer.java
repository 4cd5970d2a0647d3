package dev.muster.sources.restore;

import dev.muster.repository.BackupReader;
import dev.muster.repository.Entry;
import dev.muster.repository.MapRef;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.Run;
import dev.muster.repository.RunSink;
import dev.muster.sources.Progress;
import dev.muster.sources.Workers;
import dev.muster.sources.filesystem.FileFacts;
import dev.muster.sources.filesystem.NativePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Writes files under a name of its own beside their place and renames them when they are whole, so that no file is ever
 * seen half restored. Frames that the target's file has already are taken from it. For one thread.
 */
final class FileRestorer implements Workers.Tool<List<Entry>> {
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final BackupReader reader;
    private final SafeTarget target;
    private final boolean replace;
    private final TreeRestoreResult result;
    private final Progress progress;
    private final LocalContent local = new LocalContent();

    /** @param replace what is in the target already may stay if it is right, and is replaced otherwise */
    FileRestorer(BackupReader reader, SafeTarget target, boolean replace, TreeRestoreResult result, Progress progress) {
        this.reader = reader;
        this.target = target;
        this.replace = replace;
        this.result = result;
        this.progress = progress;
    }

    @Override
    public void accept(List<Entry> batch) {
        SmallFiles fetched =
                SmallFiles.fetch(reader, batch.stream().filter(this::isMissing).toList());
        batch.forEach(entry -> accept(entry, fetched));
    }

    private boolean isMissing(Entry entry) {
        return SmallFiles.isSmall(entry)
                && Files.notExists(NativePath.below(target.root(), entry.path()), LinkOption.NOFOLLOW_LINKS);
    }

    private void accept(Entry entry, SmallFiles fetched) {
        try {
            restore(entry, fetched);
            progress.advanced(result.files.incrementAndGet(), result.bytes.addAndGet(entry.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(NativePath.shown(entry.path()), e);
        } catch (RepositoryException e) {
            throw new RepositoryException(
                    e.code(),
                    "The file " + NativePath.shown(entry.path()) + " cannot be restored: " + e.getMessage(),
                    e.hint(),
                    e);
        }
    }

    private void restore(Entry entry, SmallFiles fetched) throws IOException {
        Path place = target.place(entry.path());
        Optional<FileFacts> there = SafeTarget.facts(place);
        if (there.isPresent()) {
            boolean kind =
                    there.get().kind() == FileFacts.Kind.FILE || there.get().kind() == FileFacts.Kind.SYMLINK;
            if (!replace || !kind) {
                throw SafeTarget.inTheWay(place, there.get());
            }
        }
        boolean file = there.map(facts -> facts.kind() == FileFacts.Kind.FILE).orElse(false);
        if (file && isAsInBackup(entry, place, there.get())) {
            if (!target.hasAttributes(entry, there.get())) {
                target.attributes(entry, place);
            }
            return;
        }
        result.writtenFiles.incrementAndGet();
        Path temporary = SafeTarget.temporary(place);
        Files.deleteIfExists(temporary);
        Optional<byte[]> small = fetched.content(entry);
        if (small.isPresent()) {
            write(temporary, small.get());
        } else {
            write(entry, temporary, file ? Optional.of(place) : Optional.empty());
        }
        target.attributes(entry, temporary);
        // It may have taken a while: the way is looked at again.
        target.place(entry.path());
        Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Content only. A file with other names is written anew: to change it would change those, too. */
    private boolean isAsInBackup(Entry entry, Path place, FileFacts facts) {
        if (facts.size() != entry.size() || facts.links() > 1) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(place, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            for (MapRef map : entry.maps()) {
                for (Run run : reader.runs(map)) {
                    if (!local.has(channel, run)) {
                        return false;
                    }
                }
            }
            return true;
        } catch (IOException e) {
            // What cannot be read, or has just gone, is written.
            return false;
        }
    }

    private void write(Path temporary, byte[] content) throws IOException {
        try (FileChannel out = FileChannel.open(
                temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY)) {
            write(out, 0, ByteBuffer.wrap(content));
            result.fetchedBytes.addAndGet(content.length);
        }
    }

    private void write(Entry entry, Path temporary, Optional<Path> old) throws IOException {
        try (FileChannel out = FileChannel.open(
                        temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY);
                LocalContent.Source source = LocalContent.Source.open(old)) {
            for (MapRef map : entry.maps()) {
                List<Run> missing = new ArrayList<>();
                for (Run run : reader.runs(map)) {
                    if (run instanceof Run.Stored
                            && source.channel().isPresent()
                            && local.has(source.channel().get(), run)) {
                        write(out, run.offset(), local.bytes(run.length()));
                    } else {
                        missing.add(run);
                    }
                }
                fetch(missing, out);
            }
            if (out.size() < entry.size()) {
                write(out, entry.size() - 1, ByteBuffer.allocate(1));
            }
        }
    }

    private void fetch(List<Run> missing, FileChannel out) throws IOException {
        reader.copy(missing, new RunSink() {
            @Override
            public void zeros(long fileOffset, int length) {
                // A hole: the file gets its length at the end.
            }

            @Override
            public void bytes(long fileOffset, byte[] bytes, int offset, int length) throws IOException {
                write(out, fileOffset, ByteBuffer.wrap(bytes, offset, length));
                result.fetchedBytes.addAndGet(length);
            }
        });
    }

    private static void write(FileChannel out, long position, ByteBuffer bytes) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += out.write(bytes, at);
        }
    }

    @Override
    public void close() {}
}
