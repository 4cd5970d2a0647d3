package dev.muster.drivers.traffic;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What one place said, or that it said nothing of use. */
public sealed interface Answer {
    /**
     * @param sites every site of the endpoint's description
     * @param strangers what is there that belongs to no site, such as an address that somebody added by hand
     * @param ttl for how long whoever was told this may go on believing it; zero where nobody keeps it
     * @param detail in the place's words: a zone's serial, a server's status
     */
    record Shown(SortedMap<String, SiteTraffic> sites, List<String> strangers, Duration ttl, String detail)
            implements Answer {
        public Shown {
            sites = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(sites));
            strangers = List.copyOf(strangers);
        }

        /** Of a place that knows shares only. */
        public static Shown of(Collection<String> sites, Shares shares, Duration ttl, String detail) {
            Map<String, SiteTraffic> traffic =
                    sites.stream().collect(Collectors.toMap(site -> site, site -> SiteTraffic.of(shares.of(site))));
            return new Shown(new TreeMap<>(traffic), List.of(), ttl, detail);
        }

        public Shares shares() {
            Map<String, Integer> shares = new TreeMap<>();
            sites.forEach((site, traffic) -> shares.put(site, traffic.share()));
            return new Shares(shares);
        }

        /** Whether exactly this is so, and every site that should get traffic serves. */
        public boolean fulfils(Shares desired) {
            return strangers.isEmpty()
                    && shares().equals(desired)
                    && sites.values().stream()
                            .allMatch(traffic -> traffic.share() == 0 || traffic.state() == SiteTraffic.State.SERVING);
        }
    }

    /** It could not be asked, or its answer says nothing. */
    record Silent(Fault fault) implements Answer {}
}
