package dev.muster.drivers.traffic;

import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How much of the traffic each site gets, in percent: 100 together, or nothing at all. A site that is not named gets none,
 * so that equal shares are equal values.
 */
public record Shares(SortedMap<String, Integer> bySite) {
    public static final Shares NOBODY = new Shares(Map.of());

    public Shares(Map<String, Integer> bySite) {
        this(new TreeMap<>(bySite));
    }

    public Shares {
        TreeMap<String, Integer> kept = new TreeMap<>(bySite);
        kept.values().removeIf(share -> share == 0);
        int sum = kept.values().stream().mapToInt(Integer::intValue).sum();
        boolean possible = kept.values().stream().allMatch(share -> share > 0 && share <= 100)
                && kept.keySet().stream().noneMatch(String::isBlank)
                && (kept.isEmpty() || sum == 100);
        if (!possible) {
            throw new TrafficException(
                    "TRAFFIC_SHARES_INVALID",
                    "Shares of traffic are 1 to 100 percent for named sites and 100 together, or none: " + bySite,
                    "Give each site its percentage; leave out those that get nothing.");
        }
        bySite = java.util.Collections.unmodifiableSortedMap(kept);
    }

    public static Shares only(String site) {
        return new Shares(Map.of(site, 100));
    }

    /**
     * Of weights in any unit, as percentages that are 100 together: the largest remainders are rounded up. All zero is
     * nobody.
     */
    public static Shares ofWeights(Map<String, Long> weights) {
        long sum = weights.values().stream().mapToLong(Long::longValue).sum();
        if (sum == 0) {
            return NOBODY;
        }
        TreeMap<String, Integer> shares = new TreeMap<>();
        weights.forEach((site, weight) -> shares.put(site, (int) (weight * 100 / sum)));
        long missing =
                100L - shares.values().stream().mapToInt(Integer::intValue).sum();
        weights.entrySet().stream()
                .sorted((one, other) -> Long.compare(other.getValue() * 100 % sum, one.getValue() * 100 % sum))
                .limit(missing)
                .forEach(entry -> shares.merge(entry.getKey(), 1, Integer::sum));
        return new Shares(shares);
    }

    public int of(String site) {
        return bySite.getOrDefault(site, 0);
    }

    public boolean isNobody() {
        return bySite.isEmpty();
    }

    /** @throws TrafficException TRAFFIC_SITE_UNKNOWN */
    public void requireKnown(Collection<String> sites) {
        bySite.keySet().stream()
                .filter(site -> !sites.contains(site))
                .findFirst()
                .ifPresent(site -> {
                    throw new TrafficException(
                            "TRAFFIC_SITE_UNKNOWN",
                            "Traffic cannot go to site '" + site + "': the endpoint is described for " + sites,
                            "Name one of these sites, or describe the endpoint for this one too.");
                });
    }

    @Override
    public String toString() {
        return isNobody()
                ? "nobody"
                : bySite.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(","));
    }
}
