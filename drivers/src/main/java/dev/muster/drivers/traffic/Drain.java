package dev.muster.drivers.traffic;

import java.time.Duration;

/**
 * That connections may end before a site is cut off.
 *
 * @param bound how long they are waited for; 0 to 24 hours
 * @param closeRest whether those that are left then are closed; if not, they go on, and the outcome counts them
 */
public record Drain(Duration bound, boolean closeRest) {
    private static final Duration LONGEST = Duration.ofHours(24);

    public Drain {
        if (bound.isNegative() || bound.compareTo(LONGEST) > 0) {
            throw new TrafficException(
                    "TRAFFIC_SETTINGS_INVALID", "The bound of a drain is " + bound, "It is 0 s to 24 h.");
        }
    }
}
