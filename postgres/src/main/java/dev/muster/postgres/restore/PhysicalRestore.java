package dev.muster.postgres.restore;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.Workers;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.backup.ControlFile;
import dev.muster.repository.BackupReader;
import dev.muster.repository.Entry;
import dev.muster.repository.Repository;
import dev.muster.repository.RunSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Brings a backup's files back to disk, in parallel, each frame checked before it is written. pg_control comes last and
 * poisoned, so that a half restored cluster, or one without its backup_label, cannot start. Killed and called again with
 * the same token it goes on where it was.
 */
public final class PhysicalRestore {
    private static final long UNIT = 64L << 20;
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");
    /** Space for replay beside the files: some segments and what the server writes at its start. */
    private static final long RESERVE = 64L << 20;

    private static final int RESERVED_SEGMENTS = 4;

    private final Repository repository;
    private final String source;
    private final String backup;
    private final Path target;
    private final String token;
    private final int workers;

    private record Unit(Entry entry, Path path, long from, long to) {}

    /**
     * @param target must not exist, be empty, or belong to an earlier call with the same backup and token
     * @param token of the run; another run's restore in the target is refused
     * @param workers threads, 1 to 64
     */
    public PhysicalRestore(
            Repository repository, String source, String backup, Path target, String token, int workers) {
        if (workers < 1 || workers > 64) {
            throw new IllegalArgumentException("A restore has 1 to 64 workers, not " + workers);
        }
        this.repository = repository;
        this.source = source;
        this.backup = backup;
        this.target = target.toAbsolutePath();
        this.token = token;
        this.workers = workers;
    }

    /**
     * Restores.
     *
     * @throws PostgresException TARGET_NOT_EMPTY, DISK_FULL, RESTORE_WRITE_FAILED, BACKUP_INCOMPATIBLE, CANCELLED. After
     *     the first two nothing was changed, except that DISK_FULL in the middle leaves a partial target, marked so
     * @throws dev.muster.repository.RepositoryException OBJECT_DAMAGED, naming the file
     */
    public RestoreResult run(Progress progress) {
        long begun = System.nanoTime();
        BackupReader reader = repository.backup(source, backup);
        BackupSummary summary = BackupSummary.of(reader.backup().summary());
        List<Entry> entries = new ArrayList<>();
        reader.entries(entries::add);
        List<Entry> files = entries.stream()
                .filter(entry -> entry.type() == Entry.Type.FILE)
                .toList();
        long total = files.stream().mapToLong(Entry::size).sum();
        RestoreTarget place = new RestoreTarget(target, backup, token);
        AtomicLong written = new AtomicLong();
        double cpuSeconds = 0;
        try {
            RestoreTarget.State state = place.state();
            if (state != RestoreTarget.State.COMPLETE) {
                refuseWithoutSpace(total, summary, state);
                place.begin();
                folders(entries);
                cpuSeconds = copy(reader, files, state == RestoreTarget.State.PARTIAL, progress, written, total);
                control(reader, files);
                syncFolders(entries);
                place.complete();
            }
        } catch (IOException e) {
            throw failure(e);
        }
        return new RestoreResult(
                backup,
                summary,
                files.size(),
                total,
                written.get(),
                Duration.ofNanos(System.nanoTime() - begun),
                cpuSeconds);
    }

    private void refuseWithoutSpace(long total, BackupSummary summary, RestoreTarget.State state) throws IOException {
        Path existing = target;
        for (Path above = target; above != null; above = above.getParent()) {
            existing = above;
            if (Files.exists(above)) {
                break;
            }
        }
        long present = state == RestoreTarget.State.PARTIAL ? size(target) : 0;
        long needed = Math.max(0, total - present) + RESERVE + (long) RESERVED_SEGMENTS * summary.segmentSize();
        long free = Files.getFileStore(existing).getUsableSpace();
        if (free < needed) {
            throw new PostgresException(
                    "DISK_FULL",
                    "The restore of backup " + backup + " to " + target + " needs " + needed + " bytes, and " + free
                            + " are free; nothing was changed",
                    "Free space there, or restore to another disk.");
        }
    }

    private static long size(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            return paths.filter(Files::isRegularFile)
                    .mapToLong(path -> path.toFile().length())
                    .sum();
        }
    }

    private Path path(Entry entry) {
        String text = entry.path()
                .text()
                .orElseThrow(() -> new PostgresException(
                        "BACKUP_INCOMPATIBLE",
                        "The backup " + backup + " has a file whose name is not UTF-8: " + entry.path(),
                        "PostgreSQL makes no such files; remove it from the source and take a new backup."));
        return target.resolve(text);
    }

    private void folders(List<Entry> entries) throws IOException {
        for (Entry entry : entries.stream()
                .filter(one -> one.type() == Entry.Type.DIRECTORY)
                .sorted(Comparator.comparing(Entry::path))
                .toList()) {
            Files.createDirectories(path(entry), PosixFilePermissions.asFileAttribute(FOLDER));
        }
        if (entries.stream().anyMatch(entry -> entry.type() == Entry.Type.SYMLINK)) {
            throw new PostgresException(
                    "BACKUP_INCOMPATIBLE",
                    "The backup " + backup + " has symbolic links",
                    "It was made by a newer Muster; restore it with that.");
        }
    }

    /** @return CPU seconds */
    private double copy(
            BackupReader reader, List<Entry> files, boolean goingOn, Progress progress, AtomicLong written, long total)
            throws IOException {
        List<Unit> units = units(files);
        ConcurrentLinkedQueue<Unit> queue = new ConcurrentLinkedQueue<>(units);
        AtomicLong done = new AtomicLong();
        double cpuSeconds = Workers.run(
                workers,
                "restore-copy",
                () -> {
                    FileWriter writer = new FileWriter(reader, goingOn, progress, done, written, total);
                    for (Unit unit = queue.poll(); unit != null; unit = queue.poll()) {
                        writer.write(unit.entry(), unit.path(), unit.from(), unit.to());
                    }
                },
                queue::clear);
        // After all is written, when the disk has had most of it already: waiting for each file in turn takes longer.
        ConcurrentLinkedQueue<Path> unsafe = new ConcurrentLinkedQueue<>();
        units.stream().filter(unit -> unit.from() == 0).map(Unit::path).forEach(unsafe::add);
        return cpuSeconds
                + Workers.run(
                        workers,
                        "restore-sync",
                        () -> {
                            for (Path path = unsafe.poll(); path != null; path = unsafe.poll()) {
                                RestoreTarget.sync(path);
                            }
                        },
                        unsafe::clear);
    }

    private List<Unit> units(List<Entry> files) throws IOException {
        List<Unit> units = new ArrayList<>();
        for (Entry entry : files) {
            Path path = path(entry);
            if (path.equals(target.resolve(ControlFile.PATH))) {
                continue;
            }
            if (Files.notExists(path)) {
                Files.createFile(path, PosixFilePermissions.asFileAttribute(FILE));
            }
            int count = (int) Math.max(1, (entry.size() + UNIT - 1) / UNIT);
            for (int i = 0; i < count; i++) {
                units.add(new Unit(entry, path, i * UNIT, Math.min(entry.size(), (i + 1) * UNIT)));
            }
        }
        units.sort(
                Comparator.comparingLong((Unit unit) -> unit.to() - unit.from()).reversed());
        return units;
    }

    private void control(BackupReader reader, List<Entry> files) throws IOException {
        Entry entry = files.stream()
                .filter(one -> path(one).equals(target.resolve(ControlFile.PATH)))
                .findFirst()
                .orElseThrow(() -> new PostgresException(
                        "BACKUP_INCOMPATIBLE",
                        "The backup " + backup + " has no " + ControlFile.PATH,
                        "It is not a backup of a PostgreSQL cluster."));
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        reader.copy(entry, new RunSink() {
            @Override
            public void zeros(long offset, int length) {
                content.writeBytes(new byte[length]);
            }

            @Override
            public void bytes(long offset, byte[] bytes, int at, int length) {
                content.write(bytes, at, length);
            }
        });
        Path path = path(entry);
        Files.deleteIfExists(path);
        Files.createFile(path, PosixFilePermissions.asFileAttribute(FILE));
        Files.write(path, ControlFile.parse(content.toByteArray()).poisoned().content(), StandardOpenOption.WRITE);
        RestoreTarget.sync(path);
    }

    private void syncFolders(List<Entry> entries) throws IOException {
        for (Entry entry : entries) {
            if (entry.type() == Entry.Type.DIRECTORY) {
                RestoreTarget.sync(path(entry));
            }
        }
        RestoreTarget.sync(target);
        Path parent = target.getParent();
        if (parent != null) {
            RestoreTarget.sync(parent);
        }
    }

    private PostgresException failure(IOException cause) {
        String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        if (text.contains("no space left") || text.contains("quota exceeded")) {
            return new PostgresException(
                    "DISK_FULL",
                    "The disk of " + target + " became full during the restore; the target is partial and marked so",
                    "Free space and call the restore again with the same token, or remove the target.",
                    cause);
        }
        return new PostgresException(
                "RESTORE_WRITE_FAILED",
                "Cannot restore to " + target + ": " + cause.getMessage(),
                "May this worker write there? Look for disk errors in the kernel's log.",
                cause);
    }
}
