package dev.muster.activities.place;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a host worker's configuration says of its host.
 *
 * @param name the host's name, as systems name it
 * @param programs the folder that holds PostgreSQL's {@code bin}
 * @param copies the folder in which copies are made, one folder a run
 * @param firstPort of the ports that copies may listen on, on the loopback
 * @param lastPort inclusive
 * @param commands the allow-list: a name, and the absolute path of its program
 */
public record HostPlace(
        String name, Path programs, Path copies, int firstPort, int lastPort, Map<String, Path> commands) {
    public HostPlace {
        commands = Map.copyOf(commands);
        copies = copies.toAbsolutePath().normalize();
        if (firstPort < 1024 || lastPort > 65_535 || firstPort > lastPort) {
            throw new IllegalArgumentException(
                    "Ports for copies are 1024 to 65535, not " + firstPort + " to " + lastPort);
        }
    }

    /** Where the copy of a run goes when its runbook names no place. */
    public Path copy(String runId) {
        return copies.resolve(runId);
    }
}
