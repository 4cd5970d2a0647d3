package dev.muster.drivers.traffic.haproxy;

import dev.muster.drivers.traffic.TrafficException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An endpoint that is a backend of one HAProxy, or of several that are configured alike.
 *
 * @param runtimes each HAProxy's runtime API: {@code unix:/PATH} or {@code tcp:HOST:PORT}; level admin
 * @param servers for each site, the names of its servers in the backend
 * @param timeout for each command
 */
public record HaproxySettings(
        List<String> runtimes, String backend, Map<String, List<String>> servers, Duration timeout) {
    /** What HAProxy takes for a name, so that a name is never a second command. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:-]{1,128}");

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    public HaproxySettings {
        runtimes = List.copyOf(runtimes);
        servers = Map.copyOf(servers);
        List<String> names = servers.values().stream().flatMap(List::stream).toList();
        if (runtimes.isEmpty() || runtimes.stream().distinct().count() < runtimes.size()) {
            throw invalid("each HAProxy's runtime API is named once: " + runtimes);
        }
        if (servers.isEmpty() || servers.values().stream().anyMatch(List::isEmpty)) {
            throw invalid("each site of the backend '" + backend + "' has a server");
        }
        if (names.stream().distinct().count() < names.size()) {
            throw invalid("a server belongs to one site: " + names);
        }
        Stream.concat(Stream.of(backend), names.stream())
                .filter(name -> !NAME.matcher(name).matches())
                .findFirst()
                .ifPresent(name -> {
                    throw invalid("'" + name + "' is no name of a backend or server");
                });
        if (timeout.toMillis() < 1 || timeout.compareTo(LONGEST_WAIT) > 0) {
            throw invalid("a time-out is 1 ms to 1 minute");
        }
    }

    static TrafficException invalid(String why) {
        return new TrafficException("TRAFFIC_SETTINGS_INVALID", "HAProxy: " + why, "Mend the endpoint's description.");
    }
}
