package dev.muster.drivers.traffic.dns;

import dev.muster.drivers.traffic.TrafficException;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;

/** Names as people write them: absolute, whether the last dot is there or not. */
final class DnsNames {
    private DnsNames() {}

    static Name of(String text) {
        try {
            return Name.fromString(text, Name.root);
        } catch (TextParseException e) {
            throw invalid("'" + text + "' is no domain name", e);
        }
    }

    static TrafficException invalid(String why, Exception cause) {
        return new TrafficException(
                "TRAFFIC_SETTINGS_INVALID", "DNS: " + why, "Mend the endpoint's description.", cause);
    }

    static TrafficException invalid(String why) {
        return new TrafficException("TRAFFIC_SETTINGS_INVALID", "DNS: " + why, "Mend the endpoint's description.");
    }
}
