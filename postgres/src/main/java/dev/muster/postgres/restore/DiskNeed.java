package dev.muster.postgres.restore;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a restore needs on one file system.
 *
 * @param device its number
 * @param name of the file system, for people
 * @param bytes beyond what the target takes there now; negative if more goes than comes
 * @param free bytes that were free there when it was asked
 */
public record DiskNeed(long device, String name, long bytes, long free) {
    /** @param place is there, or will be made */
    static DiskNeed of(Path place, long bytes) throws IOException {
        FileStore disk = Files.getFileStore(existing(place));
        return new DiskNeed(device(place), disk.toString(), bytes, disk.getUsableSpace());
    }

    /** A number for the file system that a path is on, or will be when it is made; follows links. */
    static long device(Path path) throws IOException {
        return (long) Files.getAttribute(existing(path), "unix:dev");
    }

    private static Path existing(Path path) {
        Path existing = path.toAbsolutePath();
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        return existing;
    }

    /** In bytes; 0 if there is room. */
    public long missing() {
        return bytes <= 0 ? 0 : Math.max(0, bytes - free);
    }
}
