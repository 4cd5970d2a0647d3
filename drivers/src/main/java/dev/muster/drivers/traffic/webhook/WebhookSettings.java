package dev.muster.drivers.traffic.webhook;

import dev.muster.drivers.traffic.Secret;
import dev.muster.drivers.traffic.TrafficException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * An endpoint that somebody else's program moves.
 *
 * @param endpoint its name, as the receiver sees it
 * @param change is sent the desired state by POST
 * @param status is asked by GET where traffic goes
 * @param secret signs each request
 * @param timeout for each attempt
 * @param attempts at a change that was certainly not taken, 1 to 10
 * @param acceptUnverified that without {@code status} no switch is proven
 */
public record WebhookSettings(
        String endpoint,
        List<String> sites,
        URI change,
        Optional<URI> status,
        Optional<Secret> secret,
        Duration timeout,
        int attempts,
        boolean acceptUnverified) {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);
    private static final int MOST_ATTEMPTS = 10;

    public WebhookSettings {
        sites = List.copyOf(sites);
        requireSafe(change);
        status.ifPresent(WebhookSettings::requireSafe);
        if (sites.isEmpty() || endpoint.isBlank()) {
            throw invalid("an endpoint has a name and sites");
        }
        if (timeout.toMillis() < 1 || timeout.compareTo(LONGEST_WAIT) > 0) {
            throw invalid("a time-out is 1 ms to 10 minutes");
        }
        if (attempts < 1 || attempts > MOST_ATTEMPTS) {
            throw invalid("attempts are 1 to " + MOST_ATTEMPTS);
        }
    }

    private static void requireSafe(URI uri) {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        String host = uri.getHost() == null ? "" : uri.getHost();
        boolean safe = scheme.equals("https") || (scheme.equals("http") && LOOPBACK.contains(host));
        if (!safe || host.isEmpty() || uri.getUserInfo() != null) {
            throw invalid(
                    "an address is https://HOST/..., or http: on this machine's own loopback, without a password");
        }
    }

    private static TrafficException invalid(String why) {
        return new TrafficException("TRAFFIC_SETTINGS_INVALID", "Webhook: " + why, "Mend the endpoint's description.");
    }
}
