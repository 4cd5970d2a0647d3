package dev.muster.activities.planning;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * Epochs as files of a folder that all control workers share: {@code <system>/<epoch>} holds the run that took it. The
 * creation of a file is the decision, so two control workers never hand out the same epoch.
 */
public final class EpochsOnDisk implements EpochSequence {
    private final Path folder;

    public EpochsOnDisk(Path folder) {
        this.folder = folder;
    }

    @Override
    public long claim(String system, String runId) {
        if (!system.matches("[a-z0-9][a-z0-9-]{0,62}")) {
            throw new IllegalArgumentException("Not a system's name: " + system);
        }
        Path taken = folder.resolve(system);
        try {
            Files.createDirectories(taken);
            while (true) {
                long highest = 0;
                for (long epoch : epochs(taken)) {
                    highest = Math.max(highest, epoch);
                    if (holder(taken, epoch).equals(runId)) {
                        return epoch;
                    }
                }
                if (create(taken, highest + 1, runId)) {
                    return highest + 1;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot hand out an epoch in " + taken, e);
        }
    }

    private static List<Long> epochs(Path taken) throws IOException {
        try (Stream<Path> files = Files.list(taken)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("[1-9][0-9]{0,17}"))
                    .map(Long::valueOf)
                    .toList();
        }
    }

    private static String holder(Path taken, long epoch) throws IOException {
        try {
            return Files.readString(taken.resolve(Long.toString(epoch)), StandardCharsets.UTF_8)
                    .strip();
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    /** Written aside first, so that a file under an epoch's name is never half. */
    private static boolean create(Path taken, long epoch, String runId) throws IOException {
        Path aside = Files.createTempFile(taken, "claim-", ".tmp");
        try {
            Files.writeString(aside, runId + "\n", StandardOpenOption.DSYNC, StandardOpenOption.WRITE);
            Files.createLink(taken.resolve(Long.toString(epoch)), aside);
            try (FileChannel directory = FileChannel.open(taken, StandardOpenOption.READ)) {
                directory.force(true);
            }
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } finally {
            Files.deleteIfExists(aside);
        }
    }
}
