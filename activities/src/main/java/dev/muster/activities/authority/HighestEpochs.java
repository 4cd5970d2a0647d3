package dev.muster.activities.authority;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The highest epoch seen per system, on disk, one small file each. A lower one is a zombie: an activity that outlived
 * its time-out, a restored Temporal server, an old command line (SAFETY, failover, 15).
 */
public final class HighestEpochs {
    private final Path folder;

    /** @param folder created if missing; on a disk that survives a reboot */
    public HighestEpochs(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot create " + folder, e);
        }
    }

    /** The highest epoch seen for the system; 0 if none. */
    public synchronized long highest(String system) {
        try {
            long highest = Long.parseLong(Files.readString(file(system)).strip());
            if (highest < 1) {
                throw new NumberFormatException("not an epoch: " + highest);
            }
            return highest;
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException | NumberFormatException e) {
            // Taking it as 0 would let a zombie pass.
            throw new IllegalStateException("The highest epoch in " + file(system) + " cannot be read", e);
        }
    }

    /**
     * Remembers the epoch durably if it is the highest.
     *
     * @return whether the epoch may act: it is at least the highest seen
     */
    public synchronized boolean admit(String system, long epoch) {
        long highest = highest(system);
        if (epoch < highest) {
            return false;
        }
        if (epoch > highest) {
            write(system, epoch);
        }
        return true;
    }

    private void write(String system, long epoch) {
        DurableFile.write(file(system), epoch + "\n");
    }

    private Path file(String system) {
        if (!system.matches("[a-z0-9][a-z0-9-]{0,62}")) {
            throw new IllegalArgumentException("Not a system's name: " + system);
        }
        return folder.resolve(system + ".epoch");
    }
}
