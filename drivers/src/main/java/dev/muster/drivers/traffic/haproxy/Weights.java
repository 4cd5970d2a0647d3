package dev.muster.drivers.traffic.haproxy;

import dev.muster.drivers.traffic.Shares;
import dev.muster.drivers.traffic.TrafficException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Percentages of sites as weights of servers, which go from 1 to 256. */
final class Weights {
    private static final int LARGEST = 256;

    private Weights() {}

    /**
     * For each server of a site with a share; the same for all servers of a site.
     *
     * @throws TrafficException TRAFFIC_SHARES_UNSUPPORTED if whole numbers cannot say it
     */
    static Map<String, Integer> of(Shares shares, Map<String, List<String>> servers) {
        Map<String, Integer> weights = new HashMap<>();
        Map<String, Long> reached = new HashMap<>();
        shares.bySite().forEach((site, share) -> {
            List<String> names = servers.getOrDefault(site, List.of());
            int each = Math.max(1, Math.round((float) share * LARGEST / 100 / names.size()));
            names.forEach(name -> weights.put(name, each));
            reached.put(site, (long) each * names.size());
        });
        if (!Shares.ofWeights(reached).equals(shares)) {
            throw new TrafficException(
                    "TRAFFIC_SHARES_UNSUPPORTED",
                    "Weights of 1 to " + LARGEST + " cannot give " + shares + " to so many servers; the nearest is "
                            + Shares.ofWeights(reached),
                    "Ask for these shares instead.");
        }
        return weights;
    }
}
