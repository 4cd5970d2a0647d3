package dev.muster.drivers.traffic;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where traffic shall go.
 *
 * @param before what the plan saw; a place that shows anything else (but what is desired) is left alone
 * @param drain if absent, sites that lose all traffic are cut off at once, where the driver can
 * @param token names this change, the same in each repeat: 1 to 128 letters, digits and {@code ._:/-}
 */
public record Desired(Shares shares, Optional<Before> before, Optional<Drain> drain, String token) {
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._:/-]{1,128}");

    public Desired {
        if (!TOKEN.matcher(token).matches()) {
            throw new TrafficException(
                    "TRAFFIC_SETTINGS_INVALID",
                    "A change's token has a form of its own, 1 to 128 letters, digits and ._:/-",
                    "Use the run's id and the step's name.");
        }
    }

    public static Desired of(Shares shares, String token) {
        return new Desired(shares, Optional.empty(), Optional.empty(), token);
    }

    public Desired from(Before seen) {
        return new Desired(shares, Optional.of(seen), drain, token);
    }

    public Desired drained(Drain first) {
        return new Desired(shares, before, Optional.of(first), token);
    }

    /**
     * Whether what a place shows may be changed into what is desired: it is what the plan saw, or what was reached on the
     * way there.
     */
    public boolean mayReplace(Shares seen) {
        return before.map(then -> seen.equals(then.shares()) || seen.isNobody()).orElse(true) || seen.equals(shares);
    }
}
