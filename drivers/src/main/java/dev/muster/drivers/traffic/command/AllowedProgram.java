package dev.muster.drivers.traffic.command;

import dev.muster.drivers.traffic.TrafficException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/** Looks, each time before it is run, whether a program may be. */
final class AllowedProgram {
    private AllowedProgram() {}

    /** @throws TrafficException TRAFFIC_COMMAND_REFUSED */
    static void require(CommandSettings settings) {
        Path program = settings.program();
        if (!settings.allowed().contains(program)) {
            throw refused(program, "is not in this worker's list of programs", "Add it to the worker's list.");
        }
        if (!Files.isRegularFile(program, LinkOption.NOFOLLOW_LINKS) || !Files.isExecutable(program)) {
            throw refused(program, "is not there, is no plain file, or cannot be run", "Look at it on the worker.");
        }
        try {
            // Whoever may write it, or put another in its place, runs what he likes as this worker.
            requireNotOpen(program, program);
            Path folder = program.getParent();
            if (folder != null && !isSticky(folder)) {
                requireNotOpen(program, folder);
            }
        } catch (IOException e) {
            throw refused(program, "cannot be looked at: " + e, "Look at it on the worker.");
        }
    }

    /** As /tmp is: others cannot replace there what is not theirs. */
    private static boolean isSticky(Path folder) throws IOException {
        return ((int) Files.getAttribute(folder, "unix:mode") & 01000) != 0;
    }

    private static void requireNotOpen(Path program, Path path) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        if (permissions.contains(PosixFilePermission.OTHERS_WRITE)
                || permissions.contains(PosixFilePermission.GROUP_WRITE)) {
            throw refused(program, "can be replaced by others than its owner: " + path, "chmod go-w " + path);
        }
    }

    private static TrafficException refused(Path program, String why, String hint) {
        return new TrafficException("TRAFFIC_COMMAND_REFUSED", "The program " + program + " " + why, hint);
    }
}
