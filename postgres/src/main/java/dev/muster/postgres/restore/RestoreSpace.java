package dev.muster.postgres.restore;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.repository.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether each disk of a restore's target has room for what comes to it: tablespaces and pg_wal may be on others than the
 * data directory, and what goes from one makes no room on another.
 */
final class RestoreSpace {
    /** For replay beside the files: some segments and what the server writes at its start. */
    private static final long RESERVE = 64L << 20;

    private static final int RESERVED_SEGMENTS = 4;

    private final Path target;
    private final Path wal;
    private final Map<Path, Folder> folders = new HashMap<>();
    private final Map<Long, Path> places = new LinkedHashMap<>();
    private final Map<Long, Long> needed = new LinkedHashMap<>();

    /** @param stays whether the restore leaves what is there: all but links, and what is behind them */
    private record Folder(long device, boolean stays) {}

    RestoreSpace(Path target, RestoreLayout layout, BackupSummary summary, Optional<RestoreOptions.Besides> besides)
            throws IOException {
        this.target = target;
        this.wal = target.resolve("pg_wal");
        root(target);
        for (RestoreLayout.Tablespace tablespace : layout.tablespaces()) {
            root(tablespace.place());
        }
        add(target, RESERVE);
        add(wal, (long) RESERVED_SEGMENTS * summary.segmentSize());
        for (Entry file : layout.files()) {
            Path path = layout.path(file);
            add(parent(path), file.size() - present(path));
        }
        if (besides.isPresent()) {
            root(besides.get().place());
            add(besides.get().place(), besides.get().bytes());
        }
        // They go before anything is written.
        for (Map.Entry<Path, Long> gone :
                Leftovers.find(target, layout).bytesByFolder().entrySet()) {
            add(gone.getKey(), -gone.getValue());
        }
    }

    private void root(Path root) throws IOException {
        folders.put(root, new Folder(DiskNeed.device(root), true));
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }

    /** Of a folder below a root; one that is missing, or a link that goes, will be on the disk of its parent. */
    private Folder folder(Path path) throws IOException {
        Folder known = folders.get(path);
        if (known != null) {
            return known;
        }
        Folder parent = path.equals(parent(path)) ? new Folder(DiskNeed.device(path), true) : folder(parent(path));
        boolean there = path.equals(wal) ? Files.isDirectory(path) : Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
        Folder folder =
                parent.stays() && there ? new Folder(DiskNeed.device(path), true) : new Folder(parent.device(), false);
        folders.put(path, folder);
        return folder;
    }

    private long present(Path path) throws IOException {
        boolean stays = folder(parent(path)).stays()
                && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                && !Leftovers.isLinkedElsewhere(path);
        return stays ? Files.size(path) : 0;
    }

    private void add(Path folder, long bytes) throws IOException {
        long device = folder(folder).device();
        Path real = folder;
        while (!folder(real).stays()) {
            real = parent(real);
        }
        places.putIfAbsent(device, real);
        needed.merge(device, bytes, Long::sum);
    }

    List<DiskNeed> disks() throws IOException {
        List<DiskNeed> disks = new ArrayList<>();
        for (Map.Entry<Long, Long> one : needed.entrySet()) {
            disks.add(DiskNeed.of(places.getOrDefault(one.getKey(), target), one.getValue()));
        }
        return disks;
    }

    /** @throws PostgresException DISK_FULL */
    void refuse() throws IOException {
        for (DiskNeed disk : disks()) {
            if (disk.missing() > 0) {
                throw new PostgresException(
                        "DISK_FULL",
                        "The restore to " + target + " needs " + disk.bytes() + " bytes on " + disk.name() + ", and "
                                + disk.free() + " are free; nothing was changed",
                        "Free space there, or restore to another disk.");
            }
        }
    }
}
