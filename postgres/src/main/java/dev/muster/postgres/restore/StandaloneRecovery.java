package dev.muster.postgres.restore;

import dev.muster.postgres.Lsn;
import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.wal.SegmentName;
import dev.muster.postgres.wal.TimelineHistory;
import dev.muster.postgres.wal.WalArchive;
import dev.muster.postgres.wal.WalSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Makes a restored backup recoverable without any process of Muster's: all WAL it needs lies in a folder beside it, and a
 * script of the shell serves PostgreSQL from there. The same harmless configuration as that of every copy; the cluster
 * stays in recovery at its target until somebody promotes it.
 */
public final class StandaloneRecovery {
    private static final String SCRIPT = "standalone-wal.sh";
    private static final String COMPLETE = "complete";

    /** The script here does not wait for anybody; the command has the form of every copy's. */
    private static final Duration SILENCE = Duration.ofMinutes(1);

    /** Space that the server needs beside. */
    private static final long RESERVE = 64L << 20;

    private final Path folder;
    private final WalArchive archive;

    /** @param folder holds the restored data directory, {@link RecoveryServer#dataDirectory}; gets {@code wal} */
    public StandaloneRecovery(Path folder, WalArchive archive) {
        this.folder = folder.toAbsolutePath();
        this.archive = archive;
    }

    /**
     * Brings the WAL and writes the configuration; called again it brings all of the WAL again.
     *
     * @param end of the WAL that can be replayed, as {@link TargetCheck#check} says it
     * @param progress is told of bytes of WAL
     * @return bytes of WAL that lie in the folder
     * @throws PostgresException RESTORE_INCOMPLETE, HISTORY_MISSING, WAL_GAP, DISK_FULL, RESTORE_WRITE_FAILED, CANCELLED
     */
    public long prepare(RecoverySettings settings, BackupSummary backup, Lsn end, Progress progress) {
        try {
            long bytes = bring(settings.timeline(), backup, last(settings, backup, end), progress);
            new CopyConfiguration(folder).write(settings, backup, folder.resolve("wal"), Map.of());
            return bytes;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /**
     * Makes it a standby instead, with the source's own configuration: it replays the WAL of the folder, then streams from
     * the primary, which must still have what comes after.
     *
     * @param timeline that the WAL is brought along
     * @param end of the WAL that can be replayed along it
     * @return bytes of WAL that lie in the folder
     * @throws PostgresException as {@link #prepare}
     */
    public long follow(
            InPlaceRecovery.Purpose.Follow standby, int timeline, BackupSummary backup, Lsn end, Progress progress) {
        try {
            long bytes = bring(timeline, backup, end, progress);
            InPlaceRecovery.configure(
                    RecoveryServer.dataDirectory(folder),
                    standby,
                    Optional.of(WalSpool.restoreCommand(folder.resolve("wal"), SILENCE)));
            return bytes;
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** All WAL of the path from the backup's start on, and the script that serves it. */
    private long bring(int timeline, BackupSummary backup, Lsn end, Progress progress) throws IOException {
        if (!RestoreTarget.isComplete(RecoveryServer.dataDirectory(folder))) {
            throw new PostgresException(
                    "RESTORE_INCOMPLETE",
                    "There is no whole restored backup in " + RecoveryServer.dataDirectory(folder),
                    "Run the restore to its end first, with the same token if it was interrupted.");
        }
        Path wal = folder.resolve("wal");
        Files.createDirectories(
                wal.resolve("files"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.deleteIfExists(wal.resolve(COMPLETE));
        List<String> names = bring(wal.resolve("files"), timeline, backup, end, progress);
        script(wal);
        put(wal.resolve(COMPLETE), String.join("\n", names) + "\n");
        return names.size() * (long) archive.segmentSize();
    }

    /** The first position that replay to the target has no need of. */
    private static Lsn last(RecoverySettings settings, BackupSummary backup, Lsn end) {
        if (settings.target() instanceof RecoveryTarget.Immediate) {
            return backup.stop();
        }
        return end;
    }

    private List<String> bring(Path files, int along, BackupSummary backup, Lsn end, Progress progress)
            throws IOException {
        TimelineHistory path = archive.history(along)
                .orElseThrow(() -> new PostgresException(
                        "HISTORY_MISSING",
                        "The store has no history file of timeline " + along,
                        "Recover along a timeline whose history is stored."));
        Lsn first = backup.start().segmentStart(archive.segmentSize());
        refuseWithoutSpace(files, end.minus(first));
        WalSource source = archive.along(along);
        List<String> names = new ArrayList<>();
        // Later ones too: at its promotion the server takes the first timeline that it is not told of.
        for (int timeline = 2; ; timeline++) {
            boolean there = bring(source, SegmentName.history(timeline), files, names);
            if (!there && timeline > along) {
                break;
            }
        }
        for (Lsn at = first; at.isBefore(end); at = at.plus(archive.segmentSize())) {
            progress.check("The restore");
            for (int timeline : path.newestFirst()) {
                bring(
                        source,
                        SegmentName.of(timeline, at, archive.segmentSize()).toString(),
                        files,
                        names);
            }
            progress.advanced(at.minus(first), end.minus(first));
        }
        return names;
    }

    private static boolean bring(WalSource source, String name, Path files, List<String> names) throws IOException {
        Path place = files.resolve(name);
        Path coming = files.resolve(".coming");
        Files.deleteIfExists(coming);
        if (!source.fetch(name, coming)) {
            return false;
        }
        Files.setPosixFilePermissions(coming, PosixFilePermissions.fromString("rw-------"));
        RestoreTarget.sync(coming);
        Files.move(coming, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        names.add(name);
        return true;
    }

    private void refuseWithoutSpace(Path files, long bytes) throws IOException {
        long there = 0;
        try (Stream<Path> paths = Files.list(files)) {
            there = paths.mapToLong(path -> path.toFile().length()).sum();
        }
        long needed = Math.max(0, bytes - there) + RESERVE;
        long free = Files.getFileStore(files).getUsableSpace();
        if (free < needed) {
            throw new PostgresException(
                    "DISK_FULL",
                    "The WAL up to the target needs " + needed + " bytes in " + files + ", and " + free + " are free",
                    "Free space there, restore to another disk, or choose a newer backup or an earlier target.");
        }
    }

    private static void script(Path wal) throws IOException {
        try (InputStream script = StandaloneRecovery.class.getResourceAsStream(SCRIPT)) {
            if (script == null) {
                throw new NoSuchFileException(SCRIPT + " on the class path");
            }
            // The name that restore_command has for every copy.
            Path place = wal.resolve("restore-wal.sh");
            Files.copy(script, place, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private static void put(Path path, String text) throws IOException {
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        Files.writeString(fresh, text);
        RestoreTarget.sync(fresh);
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private PostgresException failure(IOException cause) {
        if (String.valueOf(cause.getMessage()).contains("No space left")) {
            return new PostgresException(
                    "DISK_FULL",
                    "The disk of " + folder + " became full while WAL was brought there",
                    "Free space and call the restore again: it goes on where it was.",
                    cause);
        }
        return new PostgresException(
                "RESTORE_WRITE_FAILED",
                "Cannot bring WAL to " + folder + ": " + cause,
                "May this user write there? Look for disk errors in the kernel's log.",
                cause);
    }
}
