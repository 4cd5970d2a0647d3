package dev.muster.drivers.traffic.route53;

import dev.muster.drivers.traffic.TrafficException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * An endpoint that is a record in a hosted zone.
 *
 * @param zone the hosted zone's id
 * @param record its name
 * @param type A, AAAA or CNAME
 * @param sites for each site, what belongs to it
 * @param ttl of a simple record after a switch
 * @param endpoint of what speaks Route 53's protocol; absent: Amazon's
 * @param timeout for each request; none is repeated by itself
 */
public record Route53Settings(
        String zone,
        String record,
        String type,
        Routing routing,
        Map<String, Site> sites,
        Duration ttl,
        AwsCredentialsProvider credentials,
        Optional<URI> endpoint,
        Duration timeout) {
    /** How Route 53 chooses among sites. */
    public enum Routing {
        /** One record set, with one site's values. */
        SIMPLE,
        /** One record set for each site; their weights are the shares. */
        WEIGHTED,
        /** Two record sets; the site that gets traffic is the primary one. */
        FAILOVER
    }

    /**
     * One site's part.
     *
     * @param identifier of its record set; empty with {@link Routing#SIMPLE}
     * @param values of the record with {@link Routing#SIMPLE}; empty otherwise: its record sets keep theirs, also aliases
     */
    public record Site(String identifier, List<String> values) {
        public Site {
            values = List.copyOf(values);
        }
    }

    private static final Set<String> TYPES = Set.of("A", "AAAA", "CNAME");
    private static final Duration LONGEST_TTL = Duration.ofDays(7);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    public Route53Settings {
        sites = Map.copyOf(sites);
        if (!TYPES.contains(type)) {
            throw invalid("the type '" + type + "' is none of " + new TreeSet<>(TYPES));
        }
        if (sites.isEmpty() || (routing == Routing.FAILOVER && sites.size() != 2)) {
            throw invalid("'" + record + "' has sites, and two of them with failover: " + sites.keySet());
        }
        long names = sites.values().stream()
                .map(site -> routing == Routing.SIMPLE ? new TreeSet<>(site.values()).toString() : site.identifier())
                .filter(name -> !name.isBlank() && !name.equals("[]"))
                .distinct()
                .count();
        if (names < sites.size()) {
            throw invalid("each site of '" + record + "' has "
                    + (routing == Routing.SIMPLE ? "values" : "a set identifier") + " of its own");
        }
        if (ttl.isNegative() || ttl.compareTo(LONGEST_TTL) > 0) {
            throw invalid("a TTL is 0 s to 7 days");
        }
        if (timeout.toMillis() < 1 || timeout.compareTo(LONGEST_WAIT) > 0) {
            throw invalid("a time-out is 1 ms to 5 minutes");
        }
        if (endpoint.isPresent() && !isSafe(endpoint.get())) {
            throw invalid("an endpoint is https://HOST, or http: on this machine's own loopback");
        }
    }

    private static boolean isSafe(URI uri) {
        return "https".equals(uri.getScheme())
                || ("http".equals(uri.getScheme())
                        && Set.of("localhost", "127.0.0.1", "[::1]").contains(String.valueOf(uri.getHost())));
    }

    private static TrafficException invalid(String why) {
        return new TrafficException("TRAFFIC_SETTINGS_INVALID", "Route 53: " + why, "Mend the endpoint's description.");
    }
}
