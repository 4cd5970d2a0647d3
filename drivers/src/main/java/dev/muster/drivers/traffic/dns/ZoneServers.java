package dev.muster.drivers.traffic.dns;

import dev.muster.drivers.traffic.Fault;
import dev.muster.drivers.traffic.TrafficException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** The servers of a zone, and what each of them answers. */
final class ZoneServers {
    private static final int PORT = 53;

    private final DnsSettings settings;
    private final Name zone;
    private final Name name;
    private final DnsExchange exchange;

    ZoneServers(DnsSettings settings) {
        this.settings = settings;
        this.zone = DnsNames.of(settings.zone());
        this.name = DnsNames.of(settings.record());
        this.exchange = new DnsExchange(settings.timeout());
    }

    /** What a server holds of the endpoint's name. */
    record Held(RecordSets sets, long serial) {}

    /**
     * As the zone's own NS records say, at the primary or, where that is away, at another server whose address is given; a
     * name whose address is not found has none.
     *
     * @throws TrafficException if none of them can be asked, or the first that can has no such zone
     */
    Map<String, Optional<InetSocketAddress>> authoritative() {
        try {
            return authoritative(settings.primary());
        } catch (TrafficException primaryAway) {
            if (!primaryAway.mayPass()) {
                throw primaryAway;
            }
            for (InetSocketAddress other : settings.addresses().values()) {
                try {
                    return authoritative(other);
                } catch (TrafficException e) {
                    primaryAway.addSuppressed(e);
                }
            }
            throw primaryAway;
        }
    }

    private Map<String, Optional<InetSocketAddress>> authoritative(InetSocketAddress source) {
        Message answer = ask(zone, Type.NS, source, false);
        requireAuthority(answer, source);
        Map<String, Optional<InetSocketAddress>> servers = new TreeMap<>();
        for (Record record : answer.getSection(Section.ANSWER)) {
            if (record instanceof NSRecord server && server.getName().equals(zone)) {
                String host = server.getTarget().toString(true).toLowerCase(Locale.ROOT);
                servers.put(host, address(server.getTarget(), host, source));
            }
        }
        if (servers.isEmpty()) {
            throw zoneUnknown(source, "it has no NS records of it");
        }
        return servers;
    }

    private Optional<InetSocketAddress> address(Name server, String host, InetSocketAddress source) {
        InetSocketAddress given = settings.addresses().get(host);
        if (given != null) {
            return Optional.of(given);
        }
        if (server.subdomain(zone)) {
            // Out of the zone itself: the system's resolver may not know it, or somewhere else.
            for (Record record : ask(server, Type.A, source, false).getSection(Section.ANSWER)) {
                if (record instanceof ARecord address) {
                    return Optional.of(new InetSocketAddress(address.getAddress(), PORT));
                }
            }
            for (Record record : ask(server, Type.AAAA, source, false).getSection(Section.ANSWER)) {
                if (record instanceof AAAARecord address) {
                    return Optional.of(new InetSocketAddress(address.getAddress(), PORT));
                }
            }
        }
        try {
            return Optional.of(new InetSocketAddress(InetAddress.getByName(host), PORT));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /**
     * What a server of the zone holds, with authority.
     *
     * @throws TrafficException also where the server does not serve the zone
     */
    Held held(InetSocketAddress server) {
        return new Held(sets(server, false), serial(server));
    }

    /** What a resolver answers, out of its cache or not. */
    Held resolved(InetSocketAddress resolver) {
        return new Held(sets(resolver, true), 0);
    }

    long serial(InetSocketAddress server) {
        Message answer = ask(zone, Type.SOA, server, false);
        requireAuthority(answer, server);
        return answer.getSection(Section.ANSWER).stream()
                .filter(SOARecord.class::isInstance)
                .map(SOARecord.class::cast)
                .filter(soa -> soa.getName().equals(zone))
                .findFirst()
                .orElseThrow(() -> zoneUnknown(server, "it has no such zone"))
                .getSerial();
    }

    private RecordSets sets(InetSocketAddress server, boolean recursive) {
        List<Record> records = new java.util.ArrayList<>();
        for (int type : List.of(Type.A, Type.AAAA)) {
            Message answer = ask(name, type, server, recursive);
            if (!recursive) {
                requireAuthority(answer, server);
            }
            // A CNAME comes with each type, and what it leads to belongs to another name.
            answer.getSection(Section.ANSWER).stream()
                    .filter(record -> record.getName().equals(name))
                    .filter(record -> RecordSets.TYPES.contains(record.getType()))
                    .filter(record -> !records.contains(record))
                    .forEach(records::add);
        }
        return new RecordSets(records);
    }

    private Message ask(Name asked, int type, InetSocketAddress server, boolean recursive) {
        Message question = Message.newQuery(Record.newRecord(asked, type, DClass.IN));
        if (!recursive) {
            question.getHeader().unsetFlag(Flags.RD);
        }
        Message answer;
        try {
            answer = exchange.ask(question, server);
        } catch (IOException e) {
            throw unreachable(server, e);
        }
        int said = answer.getRcode();
        if (said == Rcode.NOERROR || said == Rcode.NXDOMAIN) {
            return answer;
        }
        if (said == Rcode.SERVFAIL) {
            throw new TrafficException(
                    "TRAFFIC_BUSY",
                    text(server) + " fails to answer for " + asked + " (SERVFAIL)",
                    "Its log says why: a zone that expired or does not load, or an upstream that is away.");
        }
        throw new TrafficException(
                "TRAFFIC_DENIED",
                text(server) + " does not answer questions for " + asked + ": " + Rcode.string(said),
                "Does it serve this zone, and does it let this machine ask?");
    }

    private void requireAuthority(Message answer, InetSocketAddress server) {
        if (!answer.getHeader().getFlag(Flags.AA)) {
            throw zoneUnknown(server, "it answers without authority");
        }
    }

    private TrafficException zoneUnknown(InetSocketAddress server, String why) {
        return new TrafficException(
                "TRAFFIC_PLACE_UNKNOWN",
                text(server) + " does not serve the zone " + zone + ": " + why,
                "Is the zone's name right, and is this one of its servers?");
    }

    static TrafficException unreachable(InetSocketAddress server, IOException e) {
        return new TrafficException(
                "TRAFFIC_UNREACHABLE",
                text(server) + " cannot be asked: " + e.getMessage(),
                "Is it up, and may this machine reach it over UDP and TCP?",
                e);
    }

    static Fault addressUnknown(String host) {
        return new Fault(
                "TRAFFIC_PLACE_UNKNOWN",
                "The address of the name server " + host + " is not found",
                "Give its address in the endpoint's description.");
    }

    static String text(InetSocketAddress server) {
        return server.getHostString() + ":" + server.getPort();
    }
}
