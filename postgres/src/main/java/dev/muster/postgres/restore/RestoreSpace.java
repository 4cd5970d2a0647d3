package dev.muster.postgres.restore;

import dev.muster.postgres.PostgresException;
import dev.muster.postgres.backup.BackupSummary;
import dev.muster.repository.Entry;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Whether the disks of a restore's target have room for it: tablespaces may be on others than the data directory. */
final class RestoreSpace {
    /** For replay beside the files: some segments and what the server writes at its start. */
    private static final long RESERVE = 64L << 20;

    private static final int RESERVED_SEGMENTS = 4;

    private final Path target;
    private final Map<FileStore, Long> needed = new LinkedHashMap<>();

    RestoreSpace(Path target, RestoreLayout layout, BackupSummary summary) throws IOException {
        this.target = target;
        add(target, RESERVE + (long) RESERVED_SEGMENTS * summary.segmentSize());
        Map<Path, Long> growth = new LinkedHashMap<>();
        for (Entry file : layout.files()) {
            Path path = layout.path(file);
            growth.merge(place(path, layout), file.size() - present(path), Long::sum);
        }
        for (Map.Entry<Path, Long> place : growth.entrySet()) {
            add(place.getKey(), place.getValue());
        }
        if (Files.isDirectory(target)) {
            // They go before anything is written.
            add(target, -Leftovers.find(target, layout).bytes());
        }
    }

    private Path place(Path path, RestoreLayout layout) {
        return layout.tablespaces().stream()
                .map(RestoreLayout.Tablespace::place)
                .filter(path::startsWith)
                .findFirst()
                .orElse(target);
    }

    private static long present(Path path) throws IOException {
        boolean stays = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && !Leftovers.isLinkedElsewhere(path);
        return stays ? Files.size(path) : 0;
    }

    private void add(Path place, long bytes) throws IOException {
        needed.merge(Files.getFileStore(existing(place)), bytes, Long::sum);
    }

    private static Path existing(Path place) {
        Path existing = place;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        return existing;
    }

    /** On all disks together, in bytes, beyond what the target takes now. */
    long needed() {
        return needed.values().stream().mapToLong(bytes -> Math.max(0, bytes)).sum();
    }

    /** On all disks together, in bytes; 0 if there is room. */
    long missing() throws IOException {
        long missing = 0;
        for (Map.Entry<FileStore, Long> one : needed.entrySet()) {
            missing += Math.max(0, one.getValue() - one.getKey().getUsableSpace());
        }
        return missing;
    }

    /** @throws PostgresException DISK_FULL */
    void refuse() throws IOException {
        for (Map.Entry<FileStore, Long> one : needed.entrySet()) {
            long free = one.getKey().getUsableSpace();
            if (free < one.getValue()) {
                throw new PostgresException(
                        "DISK_FULL",
                        "The restore to " + target + " needs " + one.getValue() + " bytes on " + one.getKey() + ", and "
                                + free + " are free; nothing was changed",
                        "Free space there, or restore to another disk.");
            }
        }
    }
}
