package dev.muster.cli.repo;

import dev.muster.postgres.restore.RestorePlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether there is room for a restore and the WAL beside it, which the plan of the data alone does not count. */
final class RestoreRoom {
    private RestoreRoom() {}

    /** @return bytes that the disks lack; 0 if there is room */
    static long missing(RestorePlan plan, long walBytes, Path place) {
        try {
            FileStore disk = disk(place);
            boolean together = true;
            for (Path tablespace : plan.tablespaces().values()) {
                together &= disk(tablespace).equals(disk);
            }
            // Of tablespaces on other disks the plan does not say how much of the need is theirs.
            long here = together ? plan.spaceNeeded() + walBytes : walBytes;
            return Math.max(plan.spaceMissing(), Math.max(0, here - disk.getUsableSpace()));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot ask for the room for " + place, e);
        }
    }

    private static FileStore disk(Path place) throws IOException {
        Path existing = place.toAbsolutePath();
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        return Files.getFileStore(existing);
    }
}
