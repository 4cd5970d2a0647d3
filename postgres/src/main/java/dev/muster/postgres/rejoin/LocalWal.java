package dev.muster.postgres.rejoin;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.TimelineHistory;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.postgres.wal.WalBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * WAL along a server's own path: from the files of its pg_wal, and where a segment is gone from there, from the archive.
 * For one thread.
 */
final class LocalWal implements WalBytes {
    private final Path folder;
    private final TimelineHistory path;
    private final int segmentSize;
    private final Optional<WalArchive> archive;
    private final Map<Integer, WalBytes> archived = new HashMap<>();
    private @Nullable Path openPath;
    private @Nullable FileChannel open;

    LocalWal(Path folder, TimelineHistory path, int segmentSize, Optional<WalArchive> archive) {
        this.folder = folder;
        this.path = path;
        this.segmentSize = segmentSize;
        this.archive = archive;
    }

    @Override
    public int timeline() {
        return path.timeline();
    }

    @Override
    public int segmentSize() {
        return segmentSize;
    }

    /** The file that holds a position, if it is here; PostgreSQL too takes the newest timeline that has one. */
    Optional<Path> file(Lsn position) {
        for (int timeline : path.newestFirst()) {
            if (mayHold(timeline, position)) {
                Path file = folder.resolve(
                        SegmentName.of(timeline, position, segmentSize).toString());
                if (Files.isRegularFile(file)) {
                    return Optional.of(file);
                }
            }
        }
        return Optional.empty();
    }

    private boolean mayHold(int timeline, Lsn position) {
        return !path.startOf(timeline).segmentStart(segmentSize).isAfter(position.segmentStart(segmentSize));
    }

    @Override
    public int read(Lsn position, byte[] buffer, int offset, int length) {
        long inSegment = position.minus(position.segmentStart(segmentSize));
        int wanted = (int) Math.min(length, segmentSize - inSegment);
        Optional<Path> file = file(position);
        if (file.isPresent()) {
            try {
                int read = channel(file.get()).read(ByteBuffer.wrap(buffer, offset, wanted), inSegment);
                return Math.max(0, read);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read " + file.get(), e);
            }
        }
        return archive.map(stored -> readArchived(stored, position, buffer, offset, wanted))
                .orElse(0);
    }

    private int readArchived(WalArchive stored, Lsn position, byte[] buffer, int offset, int length) {
        for (int timeline : path.newestFirst()) {
            if (mayHold(timeline, position)) {
                int read = archived.computeIfAbsent(timeline, one -> stored.read(one, position))
                        .read(position, buffer, offset, length);
                if (read > 0) {
                    return read;
                }
            }
        }
        return 0;
    }

    private FileChannel channel(Path file) throws IOException {
        FileChannel current = open;
        if (current == null || !file.equals(openPath)) {
            closeFile();
            current = FileChannel.open(file);
            open = current;
            openPath = file;
        }
        return current;
    }

    private void closeFile() throws IOException {
        FileChannel current = open;
        open = null;
        if (current != null) {
            current.close();
        }
    }

    @Override
    public void close() {
        archived.values().forEach(WalBytes::close);
        try {
            closeFile();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot close " + openPath, e);
        }
    }
}
