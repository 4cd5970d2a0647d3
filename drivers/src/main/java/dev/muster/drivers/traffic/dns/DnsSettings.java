package dev.muster.drivers.traffic.dns;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.xbill.DNS.Name;

/**
 * An endpoint that is a name in a zone.
 *
 * @param values for each site its IPv4 and IPv6 addresses, or one name with a last dot, which becomes a CNAME
 * @param primary takes the updates; a host's name is looked up each time
 * @param addresses of name servers whose names are not known here or whose port is not 53, by name without the last dot
 * @param resolvers asked too, and waited for, when a switch is verified
 * @param ttl of the records in quiet times
 * @param switchTtl of the records from the preparation of a switch until it is settled; not above {@code ttl}
 * @param timeout for each exchange with a server
 * @param propagation how long a preparation waits for all servers to show it
 */
public record DnsSettings(
        String zone,
        String record,
        Map<String, List<String>> values,
        InetSocketAddress primary,
        TsigKey key,
        Transport transport,
        Map<String, InetSocketAddress> addresses,
        List<InetSocketAddress> resolvers,
        Duration ttl,
        Duration switchTtl,
        Duration timeout,
        Duration propagation) {

    /** What updates travel by. Questions go by UDP, and by TCP where the answer is too long. */
    public enum Transport {
        TCP,
        UDP
    }

    private static final Duration LONGEST_TTL = Duration.ofDays(7);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    public DnsSettings {
        values = Map.copyOf(values);
        addresses = Map.copyOf(addresses);
        resolvers = List.copyOf(resolvers);
        Name apex = DnsNames.of(zone);
        if (!DnsNames.of(record).subdomain(apex)) {
            throw DnsNames.invalid("'" + record + "' is not in the zone '" + zone + "'");
        }
        if (values.isEmpty()) {
            throw DnsNames.invalid("'" + record + "' has no site");
        }
        if (ttl.compareTo(LONGEST_TTL) > 0 || switchTtl.compareTo(ttl) > 0 || switchTtl.toSeconds() < 1) {
            throw DnsNames.invalid("a TTL is 1 s to 7 days, and during a switch not longer than in quiet times");
        }
        if (timeout.toMillis() < 1 || timeout.compareTo(LONGEST_WAIT) > 0 || propagation.compareTo(LONGEST_WAIT) > 0) {
            throw DnsNames.invalid("a time-out is 1 ms to 10 minutes");
        }
    }

    /** Over TCP, 300 s and 30 s to live, 3 s for each exchange, 30 s for a preparation. */
    public static DnsSettings of(
            String zone, String record, Map<String, List<String>> values, InetSocketAddress primary, TsigKey key) {
        return new DnsSettings(
                zone,
                record,
                values,
                primary,
                key,
                Transport.TCP,
                Map.of(),
                List.of(),
                Duration.ofMinutes(5),
                Duration.ofSeconds(30),
                Duration.ofSeconds(3),
                Duration.ofSeconds(30));
    }
}
