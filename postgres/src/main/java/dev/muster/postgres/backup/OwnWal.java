package dev.muster.postgres.backup;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.postgres.wal.WalBytes;
import dev.muster.repository.frames.ContentHash;
import dev.muster.repository.frames.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * What the server itself has of the last WAL segment of its backup. The store may have had WAL of these names before: of
 * a clone, or of this server until a snapshot was put back below it. With such WAL the backup could not be restored.
 *
 * @param from start of the segment
 * @param stop end of the backup, in it
 */
record OwnWal(int timeline, Lsn from, Lsn stop, ContentHash hash) {
    private static final int BUFFER = 64 << 10;

    /** Reads it; empty if the server has removed the segment already, or a standby never had it as a file. */
    static Optional<OwnWal> read(Path dataDirectory, int timeline, Lsn stop, int segmentSize) throws IOException {
        SegmentName segment = SegmentName.of(timeline, stop.plus(-1), segmentSize);
        MessageDigest digest = Sha256.instance();
        byte[] buffer = new byte[BUFFER];
        try (InputStream file =
                Files.newInputStream(dataDirectory.resolve("pg_wal").resolve(segment.toString()))) {
            for (long left = stop.minus(segment.start()); left > 0; ) {
                int read = file.readNBytes(buffer, 0, (int) Math.min(BUFFER, left));
                if (read == 0) {
                    return Optional.empty();
                }
                digest.update(buffer, 0, read);
                left -= read;
            }
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
        return Optional.of(new OwnWal(timeline, segment.start(), stop, ContentHash.of(digest.digest())));
    }

    /**
     * @param archive has the WAL up to the backup's end
     * @throws PostgresException WAL_CONFLICT
     */
    void refuseOther(WalArchive archive) {
        MessageDigest digest = Sha256.instance();
        byte[] buffer = new byte[BUFFER];
        try (WalBytes stored = archive.read(timeline, from)) {
            for (Lsn at = from; at.isBefore(stop); ) {
                int read = stored.read(at, buffer, 0, (int) Math.min(BUFFER, stop.minus(at)));
                if (read == 0) {
                    throw new IllegalStateException("WAL that was in the store is not there: " + at);
                }
                digest.update(buffer, 0, read);
                at = at.plus(read);
            }
        }
        if (!ContentHash.of(digest.digest()).equals(hash)) {
            throw new PostgresException(
                    "WAL_CONFLICT",
                    "The store's WAL of timeline " + timeline + " from " + from + " to " + stop
                            + " is not that of the server that was backed up; nothing was committed",
                    "Was the server's disk set back to an older state, or is this a clone? Give it a source of its own,"
                            + " or promote it, so that it writes a timeline of its own.");
        }
    }
}
