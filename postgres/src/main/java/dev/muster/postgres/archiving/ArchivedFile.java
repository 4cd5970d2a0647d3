package dev.muster.postgres.archiving;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.WalArchive;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file as PostgreSQL gives it to archive_command, stored under what it says itself: never under another cluster's name,
 * and the same name with another content is an error (SAFETY "PostgreSQL recovery" 2).
 */
final class ArchivedFile {
    private static final Pattern PARTIAL = Pattern.compile("([0-9A-F]{24})\\.partial");
    private static final Pattern BACKUP_LABEL = Pattern.compile("[0-9A-F]{24}\\.[0-9A-F]{8}\\.backup");
    private static final int MAX_HISTORY = 1 << 20;
    private static final int PIECE = 16 << 20;

    // Of XLogLongPageHeaderData (src/include/access/xlog_internal.h), the same in all versions.
    private static final int LONG_HEADER = 40;
    private static final int MAGIC_FAMILY = 0xD1;
    private static final int TIMELINE_AT = 4;
    private static final int ADDRESS_AT = 8;
    private static final int SYSTEM_ID_AT = 24;
    private static final int SEGMENT_SIZE_AT = 32;

    private final WalArchive archive;
    private final String systemId;

    /** @param systemId of the cluster whose WAL the archive holds, in decimal */
    ArchivedFile(WalArchive archive, String systemId) {
        this.archive = archive;
        this.systemId = systemId;
    }

    /**
     * Stores the file; the same again is success.
     *
     * @throws PostgresException WAL_CONFLICT, WAL_OF_ANOTHER_CLUSTER, HISTORY_DAMAGED, WAL_FILE_UNKNOWN,
     *     WAL_HISTORY_MISSING
     * @throws IOException if the file cannot be read
     */
    void store(String name, Path file) throws IOException {
        Optional<SegmentName> segment = SegmentName.parse(name, archive.segmentSize());
        Optional<Integer> history = SegmentName.historyOf(name);
        Matcher partial = PARTIAL.matcher(name);
        if (segment.isPresent()) {
            check(segment.get(), file);
            archive.storeSegment(segment.get(), file);
        } else if (history.isPresent()) {
            if (Files.size(file) > MAX_HISTORY) {
                throw unknown(name, "it is too large for a history file");
            }
            archive.storeHistory(history.get(), Files.readAllBytes(file));
        } else if (partial.matches()) {
            SegmentName old = SegmentName.parse(partial.group(1), archive.segmentSize())
                    .orElseThrow(() -> unknown(name, "its segment cannot be"));
            check(old, file);
            storePartial(old, file);
        } else if (!BACKUP_LABEL.matcher(name).matches()) {
            // A backup's own label lies in that backup; the server's copy among the WAL informs people only.
            throw unknown(name, "it is no segment and no history file");
        }
    }

    private void check(SegmentName segment, Path file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(LONG_HEADER).order(ByteOrder.nativeOrder());
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (header.hasRemaining() && channel.read(header) >= 0) {
                // until the header is read, or the file ends
            }
            if (channel.size() != archive.segmentSize() || header.hasRemaining()) {
                throw unknown(
                        file.toString(),
                        "it has " + channel.size() + " bytes, and a segment has " + archive.segmentSize());
            }
        } catch (NoSuchFileException e) {
            throw new PostgresException(
                    "WAL_FILE_UNKNOWN",
                    "There is no WAL file " + file,
                    "Does archive_command pass %p, and does the worker see the server's files under the same path?",
                    e);
        }
        int timeline = header.getInt(TIMELINE_AT);
        boolean wal = (header.getShort(0) >>> 8 & 0xFF) == MAGIC_FAMILY
                && header.getLong(ADDRESS_AT) == segment.start().value()
                && header.getInt(SEGMENT_SIZE_AT) == archive.segmentSize()
                // The first segment of a timeline begins with pages of the one before.
                && timeline >= 1
                && timeline <= segment.timeline();
        if (!wal) {
            throw unknown(file.toString(), "its first page is not that of segment " + segment);
        }
        String found = Long.toUnsignedString(header.getLong(SYSTEM_ID_AT));
        if (!found.equals(systemId)) {
            throw new PostgresException(
                    "WAL_OF_ANOTHER_CLUSTER",
                    "The WAL file " + file + " is of the cluster " + found + ", and this archive is of " + systemId,
                    "Give that cluster a source and a spool of its own.");
        }
    }

    /** The last segment of a timeline that was left: it holds WAL only up to where the next timeline begins. */
    private void storePartial(SegmentName segment, Path file) throws IOException {
        Lsn end = archive.histories().stream()
                .map(archive::history)
                .flatMap(Optional::stream)
                .map(history -> history.endOf(segment.timeline()))
                .flatMap(Optional::stream)
                .filter(left -> left.isAfter(segment.start()) && !left.isAfter(segment.end()))
                // The newest timeline's: its server has archived its history just before this file.
                .reduce((older, newer) -> newer)
                .orElseThrow(() -> new PostgresException(
                        "WAL_HISTORY_MISSING",
                        "The WAL file " + file + " ends where its timeline was left, and no history in the store says"
                                + " where that is",
                        "PostgreSQL archives the new timeline's history file by itself and then tries this again."));
        int length = Math.toIntExact(end.minus(segment.start()));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (int at = 0; at < length; at += PIECE) {
                ByteBuffer piece = ByteBuffer.allocate(Math.min(PIECE, length - at));
                while (piece.hasRemaining() && channel.read(piece, (long) at + piece.position()) > 0) {
                    // until the piece is read; the file has its full size
                }
                if (piece.hasRemaining()) {
                    throw unknown(file.toString(), "it became shorter while it was read");
                }
                archive.storePart(segment, at, piece.array());
            }
        }
    }

    private static PostgresException unknown(String name, String why) {
        return new PostgresException(
                "WAL_FILE_UNKNOWN",
                "Not a WAL file of this cluster: " + name + ": " + why,
                "Is archive_command as the manual has it, with %f and %p of the server itself?");
    }
}
