package dev.muster.postgres.restore;

import dev.muster.postgres.backup.BackupSummary;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a restore would do.
 *
 * @param overwrites whether an old data directory is in the target
 * @param files of the backup
 * @param bytes of the files
 * @param toWrite of those, bytes that are not in the target yet
 * @param removed what is in the target and not in the backup; children before parents. The files of tablespaces that the
 *     backup does not know are not touched, only the links to them
 * @param freed bytes of the removed files
 * @param tablespaces where they would be, by oid
 * @param disks what each file system needs, with a reserve for replay and what comes besides
 */
public record RestorePlan(
        String backupId,
        BackupSummary summary,
        Path target,
        boolean overwrites,
        long files,
        long bytes,
        long toWrite,
        List<Path> removed,
        long freed,
        Map<String, Path> tablespaces,
        List<DiskNeed> disks) {
    public RestorePlan {
        removed = List.copyOf(removed);
        tablespaces = Map.copyOf(tablespaces);
        disks = List.copyOf(disks);
    }

    /** On all disks together, in bytes beyond what the target takes now. */
    public long spaceNeeded() {
        return disks.stream().mapToLong(disk -> Math.max(0, disk.bytes())).sum();
    }

    /** How many of those the disks have not; 0 if there is room. */
    public long spaceMissing() {
        return disks.stream().mapToLong(DiskNeed::missing).sum();
    }
}
