package dev.muster.activities.authority;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

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
            return Long.parseLong(Files.readString(file(system)).strip());
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

    /** The next epoch, durably taken. */
    synchronized long next(String system) {
        long next = highest(system) + 1;
        write(system, next);
        return next;
    }

    private void write(String system, long epoch) {
        Path target = file(system);
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap((epoch + "\n").getBytes(StandardCharsets.US_ASCII));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot keep the epoch " + epoch + " in " + target, e);
        }
    }

    private Path file(String system) {
        if (!system.matches("[a-z0-9][a-z0-9-]{0,62}")) {
            throw new IllegalArgumentException("Not a system's name: " + system);
        }
        return folder.resolve(system + ".epoch");
    }
}
