package dev.muster.postgres.restore;

import dev.muster.postgres.Progress;
import dev.muster.repository.BackupReader;
import dev.muster.repository.Entry;
import dev.muster.repository.RepositoryException;
import dev.muster.repository.Run;
import dev.muster.repository.RunSink;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes stretches of files from a backup. Where an interrupted restore goes on, what is on disk already is proven by its
 * hash and left. For one thread; several may write to one file.
 */
final class FileWriter {
    private final BackupReader reader;
    private final boolean goingOn;
    private final Progress progress;
    private final AtomicLong done;
    private final AtomicLong written;
    private final long total;
    private final byte[] buffer = new byte[128 << 10];

    /**
     * @param goingOn there may be files of an interrupted restore
     * @param done counts the bytes that are right on disk, for all threads
     * @param written counts those that were written
     */
    FileWriter(
            BackupReader reader, boolean goingOn, Progress progress, AtomicLong done, AtomicLong written, long total) {
        this.reader = reader;
        this.goingOn = goingOn;
        this.progress = progress;
        this.done = done;
        this.written = written;
        this.total = total;
    }

    /**
     * Writes the bytes from {@code from} to {@code to} of a file; its size is right after this.
     *
     * @throws RepositoryException OBJECT_DAMAGED and others of the repository, naming the file
     */
    void write(Entry entry, Path path, long from, long to) throws IOException {
        try {
            writeStretch(entry, path, from, to);
        } catch (RepositoryException e) {
            throw new RepositoryException(
                    e.code(), "The file " + entry.path() + " cannot be restored: " + e.getMessage(), e.hint(), e);
        }
    }

    /** Counts as written what would have to be, and writes nothing. */
    void compare(Entry entry, Path path, long from, long to) throws IOException {
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) || Leftovers.isLinkedElsewhere(path)) {
            written.addAndGet(to - from);
            advanced(to - from);
            return;
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            for (Run run : reader.runs(entry, from, to)) {
                progress.check("The comparison");
                if (!isThere(channel, run)) {
                    written.addAndGet(run.length());
                }
                advanced(run.length());
            }
        }
    }

    private void writeStretch(Entry entry, Path path, long from, long to) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            FileChannel channel = file.getChannel();
            if (file.length() != entry.size()) {
                // Zeros until they are written; what an interrupted restore left too long is cut off.
                file.setLength(entry.size());
            }
            List<Run> missing = new ArrayList<>();
            for (Run run : reader.runs(entry, from, to)) {
                if (goingOn && isThere(channel, run)) {
                    advanced(run.length());
                } else {
                    missing.add(run);
                }
            }
            reader.copy(missing, new RunSink() {
                @Override
                public void zeros(long offset, int length) throws IOException {
                    if (goingOn) {
                        writeZeros(channel, offset, length);
                    }
                    advanced(length);
                }

                @Override
                public void bytes(long offset, byte[] bytes, int at, int length) throws IOException {
                    progress.check("The restore");
                    put(channel, offset, ByteBuffer.wrap(bytes, at, length));
                    written.addAndGet(length);
                    advanced(length);
                }
            });
        }
    }

    private void advanced(long bytes) {
        progress.advanced(done.addAndGet(bytes), total);
    }

    private static void put(FileChannel channel, long offset, ByteBuffer bytes) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    private void writeZeros(FileChannel channel, long offset, int length) throws IOException {
        java.util.Arrays.fill(buffer, (byte) 0);
        for (int left = length; left > 0; left -= buffer.length) {
            put(channel, offset + length - left, ByteBuffer.wrap(buffer, 0, Math.min(left, buffer.length)));
        }
    }

    /** Only whole frames can be proven by their hash; anything else is written again. */
    private boolean isThere(FileChannel channel, Run run) throws IOException {
        if (!(run instanceof Run.Stored stored)
                || stored.skip() != 0
                || stored.length() != stored.ref().frame().rawLength()) {
            return false;
        }
        ByteBuffer target = ByteBuffer.wrap(buffer, 0, run.length());
        while (target.hasRemaining() && channel.read(target, run.offset() + target.position()) > 0) {
            // until the run is read, or the file ends
        }
        if (target.hasRemaining()) {
            return false;
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(buffer, 0, run.length());
            return dev.muster.repository.frames.ContentHash.of(digest.digest())
                    .equals(stored.ref().frame().hash());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256.", e);
        }
    }
}
