package dev.muster.postgres.wal;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Files as PostgreSQL's restore_command asks for them, put together from what the archive has. */
final class ArchiveFiles {
    private final WalArchive archive;

    ArchiveFiles(WalArchive archive) {
        this.archive = archive;
    }

    /**
     * @param path the timelines that recovery goes along: WAL of an ancestor ends where it was left
     * @return false only if there is no such file; a hole in the WAL is an error, since "no such file" would end
     *     recovery early and silently (SAFETY "PostgreSQL recovery" 1)
     * @throws PostgresException WAL_GAP
     */
    boolean fetch(String name, Path target, TimelineHistory path) {
        try {
            Optional<Integer> history = SegmentName.historyOf(name);
            if (history.isPresent()) {
                Optional<byte[]> content = archive.historyFile(history.get());
                if (content.isPresent()) {
                    Files.write(target, content.get(), StandardOpenOption.CREATE_NEW);
                }
                return content.isPresent();
            }
            Optional<SegmentName> segment = SegmentName.parse(name, archive.segmentSize());
            return segment.isPresent() && fetch(segment.get(), target, path);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + name + " to " + target, e);
        }
    }

    private boolean fetch(SegmentName segment, Path target, TimelineHistory path) throws IOException {
        int length = lengthOn(path, segment);
        if (length == 0) {
            return false;
        }
        List<StoredWal.Piece> pieces = StoredWal.join(archive.objectsOf(segment));
        if (end(pieces) < length && hasLater(path, segment)) {
            // It may have been completed between the two looks.
            pieces = StoredWal.join(archive.objectsOf(segment));
        }
        int end = Math.min(end(pieces), length);
        // Zeros at the end of a segment say "WAL ends here": only the last one may say so.
        if (end < length && hasLater(path, segment)) {
            throw new PostgresException(
                    "WAL_GAP",
                    "The store has WAL after segment " + segment + ", but of this one only the first " + end + " bytes",
                    "Recover to a point before " + segment.start().plus(end) + ", or from a backup after the gap.");
        }
        if (pieces.isEmpty()) {
            return false;
        }
        write(pieces, end, target);
        return true;
    }

    private void write(List<StoredWal.Piece> pieces, int end, Path target) throws IOException {
        try (OutputStream out = new BufferedOutputStream(
                Files.newOutputStream(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), 128 << 10)) {
            for (StoredWal.Piece piece : pieces) {
                if (piece.from() < end) {
                    try (PieceStream in = new PieceStream(archive, piece.upTo(end))) {
                        in.transferTo(out);
                    }
                }
            }
            byte[] zeros = new byte[64 << 10];
            for (int left = archive.segmentSize() - end; left > 0; left -= zeros.length) {
                out.write(zeros, 0, Math.min(left, zeros.length));
            }
        }
    }

    /**
     * How much of a segment belongs to the path. PostgreSQL takes an ancestor's segment where it finds none of the
     * newer timeline, and would replay what the old primary wrote after the timelines parted.
     */
    private static int lengthOn(TimelineHistory path, SegmentName segment) {
        return path.endOf(segment.timeline())
                .map(left -> (int) Math.max(0, Math.min(left.minus(segment.start()), segment.segmentSize())))
                .orElse(segment.segmentSize());
    }

    /** Whether the store has WAL that recovery along the path would need after this segment. */
    private boolean hasLater(TimelineHistory path, SegmentName segment) {
        for (int timeline : path.newestFirst()) {
            if (timeline < segment.timeline()) {
                break;
            }
            Optional<Lsn> end = archive.end(timeline);
            if (end.isPresent() && earlier(end.get(), path.endOf(timeline)).isAfter(segment.end())) {
                return true;
            }
        }
        return !path.contains(segment.timeline())
                && archive.end(segment.timeline())
                        .map(end -> end.isAfter(segment.end()))
                        .orElse(false);
    }

    private static Lsn earlier(Lsn one, Optional<Lsn> other) {
        return other.filter(left -> left.isBefore(one)).orElse(one);
    }

    private static int end(List<StoredWal.Piece> pieces) {
        return pieces.isEmpty() ? 0 : pieces.get(pieces.size() - 1).to();
    }

    List<String> following(String name, int count, TimelineHistory path) {
        List<String> names = new ArrayList<>();
        Optional<SegmentName> segment = SegmentName.parse(name, archive.segmentSize());
        while (segment.isPresent() && names.size() < count) {
            SegmentName next = segment.get().next();
            // Partial ones may grow until they are asked for.
            if (lengthOn(path, next) < archive.segmentSize()
                    || archive.objectsOf(next).stream().noneMatch(StoredWal::whole)) {
                break;
            }
            names.add(next.toString());
            segment = Optional.of(next);
        }
        return names;
    }
}
