package dev.muster.runbooks.yaml;

import dev.muster.runbooks.Member;
import dev.muster.runbooks.SecretReference;
import dev.muster.runbooks.Traffic;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What leads clients to a site, and whether it can lead them to every member that may become the primary. */
final class TrafficReader {
    /** A host with a port or without; an address of IPv6 with a port stands in brackets. */
    private static final Pattern SERVER =
            Pattern.compile("\\[(?<v6>[0-9A-Fa-f:.]+)](?::(?<p6>\\d{1,5}))?|(?<host>[^:\\[\\]]+)(?::(?<port>\\d{1,5}))?"
                    + "|(?<bare>[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)");

    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final Pattern HAPROXY = Pattern.compile("tcp://(?<server>.+)");
    private static final long LONGEST_TTL = 86_400;
    private static final int LONGEST_TIMEOUT = 600;

    private TrafficReader() {}

    static void check(Fields spec, Names sites, Names endpoints) {
        Names.of(spec.at("traffic"), "traffic");
        for (Fields traffic : spec.at("traffic").items()) {
            endpoints.known(traffic.at("endpoint"));
            if (!endpoints.list()) {
                traffic.at("endpoint")
                        .refuse("UNKNOWN_ENDPOINT", "The system has no endpoints.", "Add spec.endpoints with it.");
            }
            checkDriver(traffic);
            checkTargets(spec, traffic, sites);
        }
    }

    private static void checkDriver(Fields traffic) {
        List<String> all = List.of("name", "endpoint", "driver");
        switch (traffic.at("driver").text().orElse("")) {
            case Traffic.DNS -> {
                only(
                        traffic,
                        "DNS",
                        all,
                        List.of("zone", "record", "server", "targets"),
                        "type",
                        "ttl",
                        "key",
                        "resolvers");
                checkServer(traffic.at("server"));
                traffic.at("resolvers").items().forEach(TrafficReader::checkServer);
                CommonFields.secret(traffic.at("key").at("secret"));
                checkRecords(traffic);
            }
            case Traffic.HAPROXY -> {
                only(traffic, "HAProxy", all, List.of("addresses", "backend", "targets"), "drain");
                CommonFields.between(traffic.at("drain"), 0, LONGEST_TIMEOUT);
                traffic.at("addresses").items().forEach(TrafficReader::checkRuntimeAddress);
            }
            case Traffic.ROUTE53 -> {
                only(traffic, "Route 53", all, List.of("zone", "record", "targets"), "type", "ttl", "policy", "url");
                CommonFields.url(traffic.at("url"));
                checkRecords(traffic);
            }
            case Traffic.WEBHOOK -> {
                only(traffic, "a webhook", all, List.of("url"), "secret", "status", "timeout", "targets");
                CommonFields.url(traffic.at("url"));
                CommonFields.url(traffic.at("status"));
                CommonFields.secret(traffic.at("secret"));
                CommonFields.between(traffic.at("timeout"), 1, LONGEST_TIMEOUT);
            }
            case Traffic.COMMAND -> {
                only(traffic, "a command", all, List.of("command"), "timeout", "targets");
                CommonFields.between(traffic.at("timeout"), 1, LONGEST_TIMEOUT);
            }
            // Told by the schema.
            default -> {}
        }
    }

    private static void only(Fields traffic, String by, List<String> all, List<String> required, String... optional) {
        List<String> needed = new ArrayList<>(all);
        needed.addAll(required);
        CommonFields.only(traffic, "Traffic by " + by, needed, List.of(optional));
    }

    private static void checkServer(Fields server) {
        server.text().filter(text -> !text.isEmpty()).ifPresent(text -> {
            Optional<Member.Address> address = server(text);
            if (address.isEmpty()) {
                server.refuse("BAD_VALUE", "This is no server.", "Write a host, host:port or [IPv6]:port.");
            } else {
                server.mention(address.get().host());
            }
        });
    }

    private static void checkRuntimeAddress(Fields address) {
        Matcher tcp = HAPROXY.matcher(address.text().orElse(""));
        if (tcp.matches()) {
            server(tcp.group("server"))
                    .ifPresentOrElse(
                            found -> address.mention(found.host()),
                            () -> address.refuse(
                                    "BAD_VALUE", "This is no address.", "Write tcp://host:port or unix:/path."));
        }
    }

    private static Optional<Member.Address> server(String text) {
        Matcher matcher = SERVER.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String host = first(matcher, "v6", "host", "bare");
        String port = first(matcher, "p6", "port");
        int number = port == null ? Traffic.Dns.PORT : Integer.parseInt(port);
        return host == null || host.isBlank() || number < 1 || number > 65_535
                ? Optional.empty()
                : Optional.of(new Member.Address(host, number));
    }

    private static @Nullable String first(Matcher matcher, String... groups) {
        for (String group : groups) {
            if (matcher.group(group) != null) {
                return matcher.group(group);
            }
        }
        return null;
    }

    private static void checkRecords(Fields traffic) {
        CommonFields.between(traffic.at("ttl"), 0, LONGEST_TTL);
        String type = traffic.at("type").text().orElse(Traffic.RecordType.A.id());
        for (String key : traffic.at("targets").names()) {
            Fields values = traffic.at("targets").at(key);
            for (Fields value : values.items()) {
                value.text()
                        .filter(text -> !text.isEmpty() && !fits(type, text))
                        .ifPresent(
                                text -> value.refuse(
                                        "BAD_TARGET",
                                        "The value '" + CommonFields.shortened(text) + "' is not one of an " + type
                                                + " record.",
                                        "Write an address of IPv4 for A, of IPv6 for AAAA, a name for CNAME, or another 'type'."));
            }
            if (type.equals(Traffic.RecordType.CNAME.id()) && values.items().size() > 1) {
                values.refuse("BAD_TARGET", "A CNAME record has one value.", "Write one name.");
            }
        }
    }

    private static boolean fits(String type, String value) {
        boolean address = IPV4.matcher(value).matches();
        return switch (type) {
            case "A" -> address;
            case "AAAA" -> IPV6.matcher(value).matches();
            default -> !address && value.matches("[A-Za-z0-9_.-]+");
        };
    }

    private static void checkTargets(Fields spec, Fields traffic, Names sites) {
        Fields targets = traffic.at("targets");
        Optional<String> endpoint = traffic.at("endpoint").text();
        Set<String> named = databaseNames(spec, endpoint);
        List<Fields> databases = databases(spec, named);
        List<Fields> members = databases.stream()
                .flatMap(database -> DatabaseReader.servers(database).stream())
                .toList();
        boolean single = databases.stream()
                .allMatch(database -> DatabaseReader.servers(database).size() < 2);
        if (single && !databases.isEmpty() && (!named.isEmpty() || workloadSites(spec) < 2)) {
            traffic.at("endpoint")
                    .refuse(
                            "TRAFFIC_WITHOUT_STANDBY",
                            "What is behind this endpoint has one member: there is nowhere else to lead its clients.",
                            "Describe the standbys under the database's 'members', or take the traffic out.");
            return;
        }
        for (String key : targets.names()) {
            checkTarget(targets.at(key), key, members, spec, sites);
        }
        if (targets.written()) {
            members.stream()
                    .filter(member -> member.at("promotable").flag().orElse(true))
                    .forEach(member -> checkReached(targets, member));
        }
    }

    private static void checkTarget(Fields target, String key, List<Fields> members, Fields spec, Names sites) {
        boolean member =
                members.stream().anyMatch(each -> each.at("name").text().equals(Optional.of(key)));
        boolean atSite =
                members.stream().anyMatch(each -> each.at("site").text().equals(Optional.of(key)))
                        || spec.at("workloads").items().stream()
                                .anyMatch(each -> each.at("site").text().equals(Optional.of(key)));
        if (!member && sites.list() && !sites.all().contains(key)) {
            target.refuseKey(
                    "UNKNOWN_SITE",
                    "There is no site and no member '" + CommonFields.shortened(key) + "'.",
                    Nearest.hint("Known", key, sites.all()));
        } else if (!member && !atSite) {
            target.refuseKey(
                    "SITE_WITHOUT_MEMBER",
                    "Traffic would go to the site '" + CommonFields.shortened(key)
                            + "', where no member and no workload is.",
                    "Describe the member there with its host worker, or take the target out.");
        }
        if (target.isList() && target.items().isEmpty()) {
            target.refuse("BAD_VALUE", "The target is empty.", "Write where traffic goes, or take it out.");
        }
    }

    private static void checkReached(Fields targets, Fields member) {
        String name = member.at("name").text().orElse("");
        String site = member.at("site").text().orElse("");
        if (!name.isEmpty()
                && !site.isEmpty()
                && !targets.names().contains(name)
                && !targets.names().contains(site)) {
            targets.refuse(
                    "TARGET_MISSING",
                    "The member '" + CommonFields.shortened(name)
                            + "' may become the primary, and nothing here leads to it or to its site '"
                            + CommonFields.shortened(site) + "'.",
                    "Add a target for the site or the member, or write promotable: false there.");
        }
    }

    private static Set<String> databaseNames(Fields spec, Optional<String> endpoint) {
        return spec.at("endpoints").items().stream()
                .filter(each -> each.at("name").text().equals(endpoint))
                .flatMap(each -> each.at("database").text().stream())
                .collect(Collectors.toSet());
    }

    /** The databases of these names; all, where none is named. */
    private static List<Fields> databases(Fields spec, Set<String> named) {
        return spec.at("databases").items().stream()
                .filter(database -> named.isEmpty()
                        || database.at("name").text().map(named::contains).orElse(false))
                .toList();
    }

    private static long workloadSites(Fields spec) {
        return spec.at("workloads").items().stream()
                .flatMap(workload -> workload.at("site").text().stream())
                .distinct()
                .count();
    }

    static List<Traffic> read(Fields spec) {
        return spec.at("traffic").items().stream().map(TrafficReader::traffic).toList();
    }

    private static Traffic traffic(Fields traffic) {
        String name = traffic.at("name").required();
        String endpoint = traffic.at("endpoint").required();
        Map<String, List<String>> targets = targets(traffic.at("targets"));
        return switch (traffic.at("driver").required()) {
            case Traffic.DNS ->
                new Traffic.Dns(
                        name,
                        endpoint,
                        traffic.at("zone").required(),
                        traffic.at("record").required(),
                        type(traffic),
                        ttl(traffic),
                        server(traffic.at("server").required()).orElseThrow(),
                        traffic.at("key").written() ? key(traffic.at("key")) : null,
                        traffic.at("resolvers").items().stream()
                                .map(resolver -> server(resolver.required()).orElseThrow())
                                .toList(),
                        targets);
            case Traffic.HAPROXY ->
                new Traffic.HaProxy(
                        name,
                        endpoint,
                        traffic.at("addresses").items().stream()
                                .map(Fields::required)
                                .toList(),
                        traffic.at("backend").required(),
                        CommonFields.seconds(traffic.at("drain"), Traffic.HaProxy.DEFAULT_DRAIN),
                        targets);
            case Traffic.ROUTE53 ->
                new Traffic.Route53(
                        name,
                        endpoint,
                        traffic.at("zone").required(),
                        traffic.at("record").required(),
                        type(traffic),
                        policy(traffic),
                        ttl(traffic),
                        traffic.at("url").text().map(URI::create).orElse(null),
                        targets);
            case Traffic.WEBHOOK ->
                new Traffic.Webhook(
                        name,
                        endpoint,
                        URI.create(traffic.at("url").required()),
                        CommonFields.secretOf(traffic.at("secret")),
                        traffic.at("status").text().map(URI::create).orElse(null),
                        CommonFields.seconds(traffic.at("timeout"), Traffic.DEFAULT_TIMEOUT),
                        targets);
            case Traffic.COMMAND ->
                new Traffic.Command(
                        name,
                        endpoint,
                        traffic.at("command").required(),
                        CommonFields.seconds(traffic.at("timeout"), Traffic.DEFAULT_TIMEOUT),
                        targets);
            default -> throw new IllegalStateException("The driver was not validated");
        };
    }

    private static Map<String, List<String>> targets(Fields targets) {
        Map<String, List<String>> read = new LinkedHashMap<>();
        targets.names()
                .forEach(key -> read.put(
                        key,
                        targets.at(key).items().stream().map(Fields::required).toList()));
        return read;
    }

    private static Traffic.RecordType type(Fields traffic) {
        return traffic.at("type").text().map(Traffic.RecordType::valueOf).orElse(Traffic.RecordType.A);
    }

    private static int ttl(Fields traffic) {
        return (int) CommonFields.seconds(traffic.at("ttl"), Traffic.DEFAULT_TTL);
    }

    private static Traffic.Policy policy(Fields traffic) {
        return traffic.at("policy")
                .text()
                .flatMap(id -> Arrays.stream(Traffic.Policy.values())
                        .filter(policy -> policy.id().equals(id))
                        .findFirst())
                .orElse(Traffic.Policy.WEIGHTED);
    }

    private static Traffic.Tsig key(Fields key) {
        return new Traffic.Tsig(
                key.at("name").required(),
                key.at("algorithm").text().orElse(Traffic.Tsig.DEFAULT_ALGORITHM),
                new SecretReference(key.at("secret").required()));
    }
}
