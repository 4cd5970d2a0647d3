package dev.muster.postgres.restore;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.Progress;
import dev.muster.postgres.Workers;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.postgres.backup.ControlFile;
import dev.muster.postgres.restore.RestoreTarget.State;
import dev.muster.repository.BackupReader;
import dev.muster.repository.Entry;
import dev.muster.repository.Repository;
import dev.muster.repository.RunSink;
import dev.muster.repository.reading.Reading;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Brings a backup's files back to disk, in parallel, each frame checked before it is written. pg_control comes last and
 * poisoned, so that a half restored cluster, or one without its backup_label, cannot start. Killed and called again with
 * the same token it goes on where it was. An old data directory is overwritten only by permission, and only where it
 * differs.
 */
public final class PhysicalRestore {
    private static final long UNIT = 64L << 20;
    private static final long SMALL = 1 << 20;
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");
    private final Repository repository;
    private final String source;
    private final String backup;
    private final Path target;
    private final String token;
    private final RestoreOptions options;

    private record Unit(Entry entry, Path path, long from, long to) {}

    /**
     * Into an empty target.
     *
     * @param target must not exist, be empty, or belong to an earlier call with the same backup and token
     * @param token of the run; another run's restore in the target is refused
     * @param workers threads, 1 to 64
     */
    public PhysicalRestore(
            Repository repository, String source, String backup, Path target, String token, int workers) {
        this(
                repository,
                source,
                backup,
                target,
                token,
                RestoreOptions.defaults().withWorkers(workers));
    }

    /**
     * @param target as the options allow it, or of an earlier call with the same backup and token
     * @param token of the run; another run's unfinished restore in the target is refused unless it may be overwritten
     */
    public PhysicalRestore(
            Repository repository, String source, String backup, Path target, String token, RestoreOptions options) {
        this.repository = repository;
        this.source = source;
        this.backup = backup;
        this.target = target.toAbsolutePath().normalize();
        this.token = token;
        this.options = options;
    }

    /** What is known before anything is touched. */
    private record Start(
            BackupReader reader, BackupSummary summary, RestoreLayout layout, RestoreTarget place, State state) {}

    private Start start() throws IOException {
        BackupReader reader = repository.backup(source, backup);
        BackupSummary summary = BackupSummary.of(reader.backup().summary());
        List<Entry> entries = new ArrayList<>();
        reader.entries(entries::add);
        RestoreLayout layout = new RestoreLayout(target, backup, entries, options.tablespaces());
        RestoreTarget place = new RestoreTarget(target, backup, token, summary.systemId(), options.overwrite());
        State state = place.state();
        if (state != State.COMPLETE) {
            refuseStrangePlaces(layout, state == State.PARTIAL ? Optional.of(place) : Optional.empty());
        }
        return new Start(reader, summary, layout, place, state);
    }

    /**
     * A tablespace's folder must be empty, or be the one that the data directory to overwrite has at the same oid, or
     * the one that this restore has begun to fill.
     */
    private static void refuseStrangePlaces(RestoreLayout layout, Optional<RestoreTarget> begun) throws IOException {
        for (RestoreLayout.Tablespace tablespace : layout.tablespaces()) {
            Path place = tablespace.place();
            boolean own = Files.isSymbolicLink(tablespace.link())
                    && Files.isDirectory(tablespace.link())
                    && Files.exists(place)
                    && Files.isSameFile(tablespace.link(), place);
            boolean free =
                    Files.notExists(place, LinkOption.NOFOLLOW_LINKS) || (Files.isDirectory(place) && isEmpty(place));
            boolean ours = begun.isPresent()
                    && begun.get().begunPlace(tablespace.oid()).equals(Optional.of(place));
            if (!own && !free && !ours) {
                throw new PostgresException(
                        "TARGET_NOT_EMPTY",
                        "The folder " + place + " for tablespace " + tablespace.oid()
                                + " is not empty; nothing was changed",
                        "Choose a folder that is empty or does not exist.");
            }
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (var children = Files.newDirectoryStream(folder)) {
            return !children.iterator().hasNext();
        }
    }

    /**
     * Tells what {@link #run} would do, and refuses what it would refuse; touches nothing. An old data directory is read
     * whole, to tell what of it can stay.
     *
     * @throws PostgresException TARGET_NOT_EMPTY, TARGET_IN_USE, SYSTEM_MISMATCH, TABLESPACE_PLACE_REFUSED,
     *     BACKUP_INCOMPATIBLE, CANCELLED
     */
    public RestorePlan plan(Progress progress) {
        try {
            Start start = start();
            RestoreLayout layout = start.layout();
            long total = layout.bytes();
            AtomicLong toWrite = new AtomicLong();
            List<Path> removed = List.of();
            long freed = 0;
            if (start.state() == State.UNTOUCHED) {
                toWrite.set(total);
            } else if (start.state() != State.COMPLETE) {
                Leftovers leftovers = Leftovers.find(target, layout);
                removed = leftovers.paths();
                freed = leftovers.bytes();
                compare(start, progress, toWrite, total);
            }
            Map<String, Path> tablespaces = new TreeMap<>();
            layout.tablespaces().forEach(one -> tablespaces.put(one.oid(), one.place()));
            RestoreSpace space = new RestoreSpace(target, layout, start.summary(), options.besides());
            return new RestorePlan(
                    backup,
                    start.summary(),
                    target,
                    start.state() == State.OLD_DATA,
                    layout.files().size(),
                    total,
                    toWrite.get(),
                    removed,
                    freed,
                    tablespaces,
                    space.disks());
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private void compare(Start start, Progress progress, AtomicLong toWrite, long total) throws IOException {
        AtomicLong done = new AtomicLong();
        ConcurrentLinkedQueue<Unit> queue = new ConcurrentLinkedQueue<>(units(start.layout(), false));
        toWrite.addAndGet(start.layout().control().size());
        Workers.run(
                options.workers(),
                "restore-compare",
                () -> {
                    FileWriter writer = new FileWriter(start.reader(), true, progress, done, toWrite, total);
                    for (Unit unit = queue.poll(); unit != null; unit = queue.poll()) {
                        writer.compare(unit.entry(), unit.path(), unit.from(), unit.to());
                    }
                },
                queue::clear);
    }

    /**
     * Restores.
     *
     * @throws PostgresException TARGET_NOT_EMPTY, TARGET_IN_USE, SYSTEM_MISMATCH, TABLESPACE_PLACE_REFUSED, DISK_FULL,
     *     RESTORE_WRITE_FAILED, BACKUP_INCOMPATIBLE, CANCELLED. After the first five nothing was changed, except that
     *     DISK_FULL in the middle leaves a partial target, marked so
     * @throws dev.muster.repository.RepositoryException OBJECT_DAMAGED, naming the file
     */
    public RestoreResult run(Progress progress) {
        long begun = System.nanoTime();
        AtomicLong written = new AtomicLong();
        double cpuSeconds = 0;
        try (Reading reading = Reading.begin(repository, source, backup, "into " + target)) {
            Start start = start();
            RestoreLayout layout = start.layout();
            long total = layout.bytes();
            State state = start.state();
            if (state != State.COMPLETE) {
                new RestoreSpace(target, layout, start.summary(), options.besides()).refuse();
                start.place().begin(layout.tablespaces());
                boolean goingOn = state != State.UNTOUCHED;
                if (goingOn) {
                    clear(layout);
                }
                folders(layout);
                cpuSeconds = copy(start.reader(), layout, goingOn, progress, written, total);
                control(start.reader(), layout.control());
                syncFolders(layout);
                start.place().complete(layout.tablespaces());
            }
            return new RestoreResult(
                    backup,
                    start.summary(),
                    layout.files().size(),
                    total,
                    written.get(),
                    Duration.ofNanos(System.nanoTime() - begun),
                    cpuSeconds);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** First what could start the old cluster over half of the new one, then all that the backup has not. */
    private void clear(RestoreLayout layout) throws IOException {
        Path control = target.resolve(ControlFile.PATH);
        if (Files.deleteIfExists(control)) {
            RestoreTarget.sync(control.resolveSibling("."));
        }
        // A copy's server may not write there.
        CopyConfiguration.allowTablespaces(target);
        Leftovers.find(target, layout).remove();
    }

    private void folders(RestoreLayout layout) throws IOException {
        for (RestoreLayout.Tablespace tablespace : layout.tablespaces()) {
            folder(tablespace.place());
        }
        for (Entry entry : layout.folders()) {
            folder(layout.path(entry));
        }
        for (RestoreLayout.Tablespace tablespace : layout.tablespaces()) {
            // What was there and is no link is gone already; a link may point elsewhere.
            Files.deleteIfExists(tablespace.link());
            Files.createSymbolicLink(tablespace.link(), tablespace.place());
        }
    }

    /** A link to a folder is one: pg_wal on a disk of its own. All other links are gone by now. */
    private static void folder(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            Files.createDirectories(path, PosixFilePermissions.asFileAttribute(FOLDER));
        }
    }

    /** @return CPU seconds */
    private double copy(
            BackupReader reader,
            RestoreLayout layout,
            boolean goingOn,
            Progress progress,
            AtomicLong written,
            long total)
            throws IOException {
        List<Unit> units = units(layout, true);
        ConcurrentLinkedQueue<Unit> queue = new ConcurrentLinkedQueue<>(units);
        AtomicLong done = new AtomicLong();
        double cpuSeconds = Workers.run(
                options.workers(),
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
                        options.workers(),
                        "restore-sync",
                        () -> {
                            for (Path path = unsafe.poll(); path != null; path = unsafe.poll()) {
                                RestoreTarget.sync(path);
                            }
                        },
                        unsafe::clear);
    }

    private static List<Unit> units(RestoreLayout layout, boolean create) throws IOException {
        List<Unit> units = new ArrayList<>();
        for (Entry entry : layout.files()) {
            Path path = layout.path(entry);
            if (layout.isControl(entry)) {
                continue;
            }
            if (create && Files.notExists(path)) {
                Files.createFile(path, PosixFilePermissions.asFileAttribute(FILE));
            }
            int count = (int) Math.max(1, (entry.size() + UNIT - 1) / UNIT);
            for (int i = 0; i < count; i++) {
                units.add(new Unit(entry, path, i * UNIT, Math.min(entry.size(), (i + 1) * UNIT)));
            }
        }
        // The large ones first, so that no thread ends alone with one of them; the small ones as the backup lists them,
        // since neighbours share what is decoded to find them.
        units.sort(
                Comparator.comparingLong((Unit unit) -> unit.to() - unit.from() < SMALL ? 0 : unit.to() - unit.from())
                        .reversed());
        return units;
    }

    private void control(BackupReader reader, Entry entry) throws IOException {
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
        Path path = target.resolve(ControlFile.PATH);
        Files.deleteIfExists(path);
        Files.createFile(path, PosixFilePermissions.asFileAttribute(FILE));
        Files.write(path, ControlFile.parse(content.toByteArray()).poisoned().content(), StandardOpenOption.WRITE);
        RestoreTarget.sync(path);
    }

    private void syncFolders(RestoreLayout layout) throws IOException {
        for (Entry folder : layout.folders()) {
            RestoreTarget.sync(layout.path(folder));
        }
        for (RestoreLayout.Tablespace tablespace : layout.tablespaces()) {
            RestoreTarget.sync(tablespace.link().resolveSibling("."));
            syncParent(tablespace.place());
        }
        RestoreTarget.sync(target);
        syncParent(target);
    }

    private static void syncParent(Path folder) throws IOException {
        Path parent = folder.getParent();
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
