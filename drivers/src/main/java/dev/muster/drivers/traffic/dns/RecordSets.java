package dev.muster.drivers.traffic.dns;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Address;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/**
 * All records of the endpoint's name that decide where it leads: addresses, or one alias.
 *
 * @param records of the types A, AAAA and CNAME
 */
record RecordSets(List<Record> records) {
    static final List<Integer> TYPES = List.of(Type.A, Type.AAAA, Type.CNAME);

    RecordSets {
        records = List.copyOf(records);
    }

    /** @throws dev.muster.drivers.traffic.TrafficException TRAFFIC_SETTINGS_INVALID */
    static RecordSets of(Name name, List<String> values, long ttl) {
        List<Record> records = new ArrayList<>();
        for (String value : values) {
            records.add(record(name, value, ttl));
        }
        boolean alias = records.stream().anyMatch(record -> record.getType() == Type.CNAME);
        if (records.isEmpty() || (alias && records.size() > 1)) {
            throw DnsNames.invalid("a site has one or more addresses, or one name: " + values);
        }
        return new RecordSets(records);
    }

    private static Record record(Name name, String value, long ttl) {
        try {
            byte[] four = Address.toByteArray(value, Address.IPv4);
            if (four != null) {
                return new ARecord(name, DClass.IN, ttl, InetAddress.getByAddress(four));
            }
            byte[] six = Address.toByteArray(value, Address.IPv6);
            if (six != null) {
                return new AAAARecord(name, DClass.IN, ttl, InetAddress.getByAddress(six));
            }
        } catch (UnknownHostException e) {
            throw DnsNames.invalid("'" + value + "' is no address", e);
        }
        if (!value.endsWith(".")) {
            throw DnsNames.invalid("'" + value + "' is neither an address nor a name with a last dot");
        }
        return new CNAMERecord(name, DClass.IN, ttl, DnsNames.of(value));
    }

    RecordSets withTtl(long ttl) {
        return new RecordSets(records.stream()
                .map(record -> Record.newRecord(
                        record.getName(), record.getType(), record.getDClass(), ttl, record.rdataToWireCanonical()))
                .toList());
    }

    List<Record> ofType(int type) {
        return records.stream().filter(record -> record.getType() == type).toList();
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    long ttl() {
        return records.stream().mapToLong(Record::getTTL).max().orElse(0);
    }

    /** What is there, whatever its time to live. */
    TreeSet<String> texts() {
        TreeSet<String> texts = new TreeSet<>();
        records.forEach(record -> texts.add(
                Type.string(record.getType()) + " " + record.rdataToString().toLowerCase(java.util.Locale.ROOT)));
        return texts;
    }

    boolean sameAs(RecordSets other) {
        return texts().equals(other.texts());
    }

    Optional<String> site(Map<String, RecordSets> sites) {
        return new TreeMap<>(sites)
                .entrySet().stream()
                        .filter(site -> sameAs(site.getValue()))
                        .map(Map.Entry::getKey)
                        .findFirst();
    }
}
