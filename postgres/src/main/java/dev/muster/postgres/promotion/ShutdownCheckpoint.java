package dev.muster.postgres.promotion;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.backup.ControlFile;
import dev.muster.postgres.wal.SegmentName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The record that a cleanly stopped primary wrote last. Nothing comes after it, so whoever has replayed it has
 * everything.
 *
 * @param at where it begins
 * @param end the position that a standby shows as replayed when it has replayed it
 */
public record ShutdownCheckpoint(String systemId, int timeline, Lsn at, Lsn end) {
    /** In pg_control, the same in versions 14 to 18. */
    private static final int STATE = 16;

    private static final int SHUT_DOWN = 1;
    private static final int SHUT_DOWN_IN_RECOVERY = 2;

    private static final int HEADER = 24;
    private static final int LENGTH = 0;
    private static final int INFO = 16;
    private static final int MANAGER = 17;
    /** Of the resource manager of WAL itself, which is 0; the low half of the byte is flags. */
    private static final int CHECKPOINT_SHUTDOWN = 0x00;

    private static final int PAGE = 8192;
    private static final int PAGE_HEADER = 24;
    private static final int SEGMENT_HEADER = 40;
    private static final int ALIGNMENT = 8;

    /**
     * Reads it from a stopped server's data directory.
     *
     * @return empty if the server was not stopped cleanly, or has written since
     * @throws PostgresException CONTROL_FILE_DAMAGED
     */
    public static Optional<ShutdownCheckpoint> read(Path dataDirectory) {
        try {
            ControlFile control = ControlFile.read(dataDirectory);
            int state = ByteBuffer.wrap(control.content())
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getInt(STATE);
            if (state != SHUT_DOWN && state != SHUT_DOWN_IN_RECOVERY) {
                return Optional.empty();
            }
            return length(dataDirectory, control)
                    .map(length -> new ShutdownCheckpoint(
                            control.systemId(),
                            control.timeline(),
                            control.checkpoint(),
                            end(control.checkpoint(), length, segmentSize(dataDirectory))));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the last checkpoint in " + dataDirectory, e);
        }
    }

    /** The record's length; empty if pg_control's checkpoint is not one of a shutdown. */
    private static Optional<Integer> length(Path dataDirectory, ControlFile control) throws IOException {
        int segmentSize = segmentSize(dataDirectory);
        SegmentName segment = SegmentName.of(control.timeline(), control.checkpoint(), segmentSize);
        Path file = dataDirectory.resolve("pg_wal").resolve(segment.toString());
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        // Records begin aligned, so the length is never cut by a page; the rest of the header may be.
        byte[] header = new byte[HEADER];
        long offset = control.checkpoint().minus(segment.start());
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            for (int i = 0; i < HEADER; i += ALIGNMENT) {
                if (i > 0 && offset % PAGE == 0) {
                    offset += PAGE_HEADER;
                }
                if (offset >= segmentSize
                        || channel.position(offset).read(ByteBuffer.wrap(header, i, ALIGNMENT)) < ALIGNMENT) {
                    return Optional.empty();
                }
                offset += ALIGNMENT;
            }
        }
        ByteBuffer record = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        boolean shutdown = record.get(MANAGER) == 0 && (record.get(INFO) & 0xF0) == CHECKPOINT_SHUTDOWN;
        return shutdown ? Optional.of(record.getInt(LENGTH)) : Optional.empty();
    }

    /** @param length of the record without the page headers within it */
    static Lsn end(Lsn at, int length, int segmentSize) {
        long position = at.value();
        long left = (length + ALIGNMENT - 1L) / ALIGNMENT * ALIGNMENT;
        while (true) {
            long room = PAGE - Long.remainderUnsigned(position, PAGE);
            if (left <= room) {
                return new Lsn(position + left);
            }
            left -= room;
            position += room;
            position += Long.remainderUnsigned(position, segmentSize) == 0 ? SEGMENT_HEADER : PAGE_HEADER;
        }
    }

    private static int segmentSize(Path dataDirectory) {
        try (var files = Files.newDirectoryStream(dataDirectory.resolve("pg_wal"), "[0-9A-F]*")) {
            for (Path file : files) {
                if (file.getFileName().toString().matches("[0-9A-F]{24}")) {
                    return Math.toIntExact(Files.size(file));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list pg_wal in " + dataDirectory, e);
        }
        throw new PostgresException(
                "DEMOTION_UNCLEAN",
                "There is no WAL in " + dataDirectory,
                "Is this the data directory of a server that ran?");
    }
}
