package dev.muster.drivers.traffic;

import java.time.Instant;
import java.util.Optional;

/**
 * What one place does with one site's traffic.
 *
 * @param share in percent
 * @param connections under way; absent where the place does not know
 * @param since when it is so; absent where the place does not know
 */
public record SiteTraffic(int share, State state, Optional<Long> connections, Optional<Instant> since) {
    /** What the place says of the site. */
    public enum State {
        /** Gets its share. */
        SERVING,
        /** Gets its share, and the place's own check has not confirmed yet that somebody serves there. */
        UNPROVEN,
        /** Gets nothing new; what is under way goes on. */
        DRAINING,
        /** Should get a share, and the place finds nobody there who serves. */
        DOWN,
        /** Gets nothing. */
        OFF
    }

    /** Of a place that knows shares only. */
    static SiteTraffic of(int share) {
        return new SiteTraffic(share, share > 0 ? State.SERVING : State.OFF, Optional.empty(), Optional.empty());
    }
}
