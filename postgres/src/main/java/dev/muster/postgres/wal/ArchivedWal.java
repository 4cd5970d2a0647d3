package dev.muster.postgres.wal;

import dev.muster.postgres.Lsn;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/**
 * WAL of the archive as bytes: one open object at a time, read forward; what arrives in the store meanwhile is seen. For
 * one thread.
 */
final class ArchivedWal implements WalBytes {
    private final WalArchive archive;
    private final int timeline;
    private Optional<InputStream> open = Optional.empty();
    private Lsn position;
    private Lsn end;

    ArchivedWal(WalArchive archive, int timeline, Lsn from) {
        this.archive = archive;
        this.timeline = timeline;
        this.position = from;
        this.end = from;
    }

    @Override
    public int timeline() {
        return timeline;
    }

    @Override
    public int segmentSize() {
        return archive.segmentSize();
    }

    @Override
    public int read(Lsn from, byte[] buffer, int offset, int length) {
        int done = 0;
        try {
            while (done < length && seek(from.plus(done))) {
                int wanted = (int) Math.min(length - done, end.minus(position));
                int read = open.orElseThrow().readNBytes(buffer, offset + done, wanted);
                position = position.plus(read);
                done += read;
                if (read < wanted) {
                    throw new IOException("it ends at " + position + ", before " + end);
                }
            }
            return done;
        } catch (IOException e) {
            close();
            throw new UncheckedIOException("Cannot read WAL of timeline " + timeline + " at " + from, e);
        }
    }

    private boolean seek(Lsn wanted) throws IOException {
        if (open.isEmpty() || wanted.isBefore(position) || !wanted.isBefore(end)) {
            close();
            SegmentName segment = SegmentName.of(timeline, wanted, archive.segmentSize());
            List<StoredWal.Piece> pieces = StoredWal.join(archive.objectsOf(segment));
            Optional<StoredWal.Piece> holder = pieces.stream()
                    .filter(piece -> wanted.isBefore(segment.start().plus(piece.to())))
                    .findFirst();
            if (holder.isEmpty()) {
                return false;
            }
            StoredWal object = holder.get().object();
            open = Optional.of(archive.open(object));
            position = object.start();
            end = object.end();
        }
        open.orElseThrow().skipNBytes(wanted.minus(position));
        position = wanted;
        return true;
    }

    @Override
    public void close() {
        open.ifPresent(stream -> {
            try {
                stream.close();
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot close an object of WAL", e);
            }
        });
        open = Optional.empty();
    }
}
