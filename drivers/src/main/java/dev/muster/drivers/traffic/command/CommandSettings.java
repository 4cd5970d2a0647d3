package dev.muster.drivers.traffic.command;

import dev.muster.drivers.traffic.TrafficException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * An endpoint that a program of the operator's own moves.
 *
 * @param endpoint its name, as the program sees it
 * @param program absolute; one of {@code allowed}
 * @param arguments the same each time; what is desired is in the environment
 * @param allowed the worker's own list, which no description of a system can widen
 * @param timeout for each call; then the program and all that it started are killed
 * @param reports whether it can be called with the action {@code observe}
 * @param acceptUnverified that without {@code reports} no switch is proven
 */
public record CommandSettings(
        String endpoint,
        List<String> sites,
        Path program,
        List<String> arguments,
        Set<Path> allowed,
        Duration timeout,
        boolean reports,
        boolean acceptUnverified) {
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);
    private static final int MOST_ARGUMENTS = 100;

    public CommandSettings {
        sites = List.copyOf(sites);
        arguments = List.copyOf(arguments);
        allowed = Set.copyOf(allowed);
        if (sites.isEmpty() || endpoint.isBlank()) {
            throw invalid("an endpoint has a name and sites");
        }
        if (sites.stream().anyMatch(site -> site.contains(",") || site.contains("="))) {
            throw invalid("a site's name has neither ',' nor '=' here: " + sites);
        }
        if (timeout.toMillis() < 1 || timeout.compareTo(LONGEST_WAIT) > 0) {
            throw invalid("a time-out is 1 ms to 1 hour");
        }
        if (arguments.size() > MOST_ARGUMENTS || arguments.stream().anyMatch(text -> text.indexOf('\0') >= 0)) {
            throw invalid("a command has 100 arguments at most, without NUL");
        }
        if (!program.isAbsolute() || !program.equals(program.normalize())) {
            throw invalid("a program is an absolute path without '..': " + program);
        }
    }

    private static TrafficException invalid(String why) {
        return new TrafficException("TRAFFIC_SETTINGS_INVALID", "Command: " + why, "Mend the endpoint's description.");
    }
}
