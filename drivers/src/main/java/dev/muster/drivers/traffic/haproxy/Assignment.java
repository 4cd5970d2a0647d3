package dev.muster.drivers.traffic.haproxy;

import dev.muster.drivers.traffic.Answer;
import dev.muster.drivers.traffic.Before;
import dev.muster.drivers.traffic.Desired;
import dev.muster.drivers.traffic.Shares;
import dev.muster.drivers.traffic.SiteTraffic;
import dev.muster.drivers.traffic.TrafficException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What each server of the backend shall be.
 *
 * @param weights of the servers that are to serve
 * @param stopped the others
 */
record Assignment(Shares shares, Map<String, Integer> weights, List<String> stopped, Map<String, Integer> before) {
    /** @throws TrafficException TRAFFIC_SITE_UNKNOWN, TRAFFIC_SHARES_UNSUPPORTED */
    static Assignment of(Desired desired, HaproxySettings settings) {
        desired.shares().requireKnown(settings.servers().keySet());
        Map<String, Integer> weights = Weights.of(desired.shares(), settings.servers());
        List<String> stopped = settings.servers().values().stream()
                .flatMap(List::stream)
                .filter(name -> !weights.containsKey(name))
                .sorted()
                .toList();
        return new Assignment(desired.shares(), new TreeMap<>(weights), stopped, before(desired, settings));
    }

    private static Map<String, Integer> before(Desired desired, HaproxySettings settings) {
        try {
            return Weights.of(desired.before().map(Before::shares).orElse(Shares.NOBODY), settings.servers());
        } catch (TrafficException e) {
            // The configuration's own weights, which no change of ours left.
            return Map.of();
        }
    }

    /** @throws TrafficException TRAFFIC_CHANGED, or what it was that made asking fail */
    void requireReplaceable(Haproxy haproxy, Desired desired) {
        Answer.Shown shown = haproxy.shown();
        boolean ours =
                shown.strangers().isEmpty() && (desired.mayReplace(shown.shares()) || halfDone(haproxy.statuses()));
        if (!ours) {
            throw new TrafficException(
                    "TRAFFIC_CHANGED",
                    "Somebody else changed the HAProxy at " + haproxy.name() + ": it shows " + shown.shares() + " ("
                            + shown.detail() + ")"
                            + (shown.strangers().isEmpty() ? "" : ", and of no site " + shown.strangers())
                            + ", which is neither what the plan saw nor what is desired (" + desired.shares() + ")",
                    "Nothing was changed by this step. Find out who did, or whether a reload did, then plan again.");
        }
    }

    /** Whether a change like this one was left half-way: each server has its old weight, its new one, or none. */
    private boolean halfDone(List<ServerStatus> servers) {
        return servers.stream().allMatch(server -> {
            long weight = server.effectiveWeight();
            return weight == 0
                    || weight == weights.getOrDefault(server.name(), 0)
                    || weight == before.getOrDefault(server.name(), 0);
        });
    }

    /** Whether there is nothing left to do; a server that fails its checks is not for us to mend. */
    boolean fulfilledBy(Answer.Shown shown, List<ServerStatus> servers) {
        return shown.shares().equals(shares)
                && servers.stream()
                        .allMatch(server -> stopped.contains(server.name())
                                ? server.state() == SiteTraffic.State.OFF
                                : server.effectiveWeight() > 0 || !weights.containsKey(server.name()));
    }
}
