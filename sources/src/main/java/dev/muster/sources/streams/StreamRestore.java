package dev.muster.sources.streams;

import dev.muster.repository.BackupReader;
import dev.muster.repository.Entry;
import dev.muster.repository.EntryPath;
import dev.muster.repository.RunSink;
import dev.muster.sources.SourceException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Gives one file of a backup back as a stream; each frame is checked before a byte of it is written. */
public final class StreamRestore {
    private static final byte[] ZEROS = new byte[64 << 10];

    private StreamRestore() {}

    /**
     * Writes a file and flushes.
     *
     * @param path which file; empty where the backup has only one
     * @return how many bytes
     * @throws SourceException PATH_NOT_IN_BACKUP, STREAM_BROKEN if the reader went away
     * @throws dev.muster.repository.RepositoryException OBJECT_DAMAGED; what was written before is right, but not all
     */
    public static long run(BackupReader reader, Optional<EntryPath> path, OutputStream out) {
        Entry entry = file(reader, path);
        try {
            reader.copy(entry, new RunSink() {
                @Override
                public void zeros(long fileOffset, int length) throws IOException {
                    for (int left = length; left > 0; left -= ZEROS.length) {
                        out.write(ZEROS, 0, Math.min(left, ZEROS.length));
                    }
                }

                @Override
                public void bytes(long fileOffset, byte[] bytes, int offset, int length) throws IOException {
                    out.write(bytes, offset, length);
                }
            });
            out.flush();
            return entry.size();
        } catch (IOException e) {
            throw new SourceException(
                    "STREAM_BROKEN",
                    "The stream " + entry.path() + " cannot be written to its end: " + e.getMessage(),
                    "Look at the program that reads it.",
                    e);
        }
    }

    private static Entry file(BackupReader reader, Optional<EntryPath> path) {
        List<Entry> found = new ArrayList<>();
        reader.entries(entry -> {
            boolean wanted = path.isEmpty() || entry.path().equals(path.get());
            if (wanted && entry.type() == Entry.Type.FILE && found.size() < 2) {
                found.add(entry);
            }
        });
        if (found.size() != 1) {
            String id = reader.backup().id();
            throw new SourceException(
                    "PATH_NOT_IN_BACKUP",
                    found.isEmpty()
                            ? "The backup " + id + " has no file "
                                    + path.map(EntryPath::toString).orElse("at all")
                            : "The backup " + id + " has several files, and only one can go to standard output",
                    "Name one of its files (--path); muster repo show --files lists them.");
        }
        return found.get(0);
    }
}
