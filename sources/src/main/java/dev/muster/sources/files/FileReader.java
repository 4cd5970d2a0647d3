package dev.muster.sources.files;

import dev.muster.repository.BackupWriter;
import dev.muster.repository.Entry;
import dev.muster.sources.Progress;
import dev.muster.sources.Workers;
import dev.muster.sources.chunks.Content;
import dev.muster.sources.chunks.ContentStore;
import dev.muster.sources.chunks.KnownFrames;
import dev.muster.sources.filesystem.FileFacts;
import dev.muster.sources.filesystem.NativePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** Reads files into a backup. A file that changes meanwhile is read again, a bounded number of times. For one thread. */
final class FileReader implements Workers.Tool<FileTask> {
    private static final int ATTEMPTS = 3;
    /** What is known of a file beyond one map, some 4 GiB, takes tens of megabytes: one such file at a time. */
    private static final Semaphore LARGE = new Semaphore(1);

    private final ContentStore store;
    private final BackupWriter writer;
    private final Ancestors ancestors;
    private final LinkGroups links;
    private final FileBackupResult result;
    private final Clock clock;
    private final Progress progress;

    FileReader(
            BackupWriter writer,
            Ancestors ancestors,
            LinkGroups links,
            FileBackupResult result,
            Clock clock,
            Progress progress) {
        this.store = new ContentStore(writer);
        this.writer = writer;
        this.ancestors = ancestors;
        this.links = links;
        this.result = result;
        this.clock = clock;
        this.progress = progress;
    }

    @Override
    public void accept(FileTask task) {
        boolean large = task.older().map(entry -> entry.maps().size() > 1).orElse(false);
        if (large) {
            LARGE.acquireUninterruptibly();
        }
        boolean allNames;
        try {
            allNames = read(task);
        } finally {
            if (large) {
                LARGE.release();
            }
        }
        if (!allNames) {
            links.failed(task).forEach(this);
        }
    }

    /** @return whether the other names of the file that was listed need nothing more */
    private boolean read(FileTask task) {
        KnownFrames frames = task.older()
                .flatMap(entry -> ancestors.reader().map(reader -> KnownFrames.of(reader, entry, ancestors.dead())))
                .orElseGet(KnownFrames::none);
        try {
            FileFacts before = lookedAtAgain(task);
            for (int attempt = 1; ; attempt++) {
                Instant now = clock.instant();
                Content content = read(task, before.size(), frames);
                result.readBytes.addAndGet(content.size());
                FileFacts after = FileFacts.of(task.path());
                boolean steady = after.same(before) && content.size() == before.size();
                if (steady || attempt == ATTEMPTS) {
                    if (!steady) {
                        result.changed.add(NativePath.shown(task.entry()));
                    }
                    boolean listed = before.isSameFile(task.facts());
                    Entry entry = FileEntries.file(task.entry(), before, content.size(), steady, now);
                    add(task, entry, content, listed);
                    result.copiedForwardBytes.addAndGet(frames.copiedForward());
                    return listed;
                }
                before = requireFile(task, after);
            }
        } catch (NoSuchFileException gone) {
            result.vanished.add(NativePath.shown(task.entry()));
        } catch (IOException e) {
            unreadable(task, e);
        }
        return false;
    }

    /** It may have waited behind large files: to open a named pipe that took its place would never end. */
    private static FileFacts lookedAtAgain(FileTask task) throws IOException {
        return requireFile(task, FileFacts.of(task.path()));
    }

    private static FileFacts requireFile(FileTask task, FileFacts facts) throws NoSuchFileException {
        if (facts.kind() != FileFacts.Kind.FILE) {
            throw new NoSuchFileException(task.path().toString());
        }
        return facts;
    }

    /** What was a file when it was listed may be a link now, which is not followed. */
    private void unreadable(FileTask task, IOException cause) {
        try {
            if (FileFacts.of(task.path()).kind() == FileFacts.Kind.FILE) {
                result.unreadable.add(NativePath.shown(task.entry()) + " (" + reason(cause) + ")");
            } else {
                result.vanished.add(NativePath.shown(task.entry()));
            }
        } catch (NoSuchFileException gone) {
            result.vanished.add(NativePath.shown(task.entry()));
        } catch (IOException e) {
            result.unreadable.add(NativePath.shown(task.entry()) + " (" + reason(e) + ")");
        }
    }

    /** Without the path, which has been said. */
    static String reason(IOException e) {
        if (e instanceof java.nio.file.AccessDeniedException) {
            return "permission denied";
        }
        return e instanceof java.nio.file.FileSystemException known && known.getReason() != null
                ? known.getReason()
                : String.valueOf(e.getMessage());
    }

    /** No more than the file had when it was looked at: one that only grows is then whole up to there. */
    private Content read(FileTask task, long size, KnownFrames frames) throws IOException {
        try (FileChannel channel =
                FileChannel.open(task.path(), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            return store.store(
                    (bytes, offset, length) -> {
                        int wanted = (int) Math.min(length, size - channel.position());
                        return wanted <= 0 ? -1 : channel.read(ByteBuffer.wrap(bytes, offset, wanted));
                    },
                    frames);
        }
    }

    private void add(FileTask task, Entry entry, Content content, boolean listed) {
        writer.fileOfMaps(entry, content.maps());
        int others = listed ? links.stored(task, entry, content.maps()) : 0;
        result.knownBytes.addAndGet(content.known());
        result.bytes.addAndGet(content.size() * (1L + others));
        progress.advanced(result.files.addAndGet(1 + others), result.bytes.get());
    }

    @Override
    public void close() {
        store.close();
    }
}
