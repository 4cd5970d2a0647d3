package dev.muster.runbooks.yaml;

import dev.muster.runbooks.Member;
import dev.muster.runbooks.SecretReference;
import dev.muster.runbooks.Traffic;
import java.net.URI;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What leads clients to a site, by the driver that is told. */
final class TrafficReader {
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_.-]{1,254}");
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final List<String> ALL = List.of("name", "endpoint", "driver");
    private static final long LONGEST_TTL = 604_800;

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
            TrafficTargets.check(spec, traffic, sites);
        }
    }

    private static void checkDriver(Fields traffic) {
        switch (traffic.at("driver").text().orElse("")) {
            case Traffic.DNS -> checkDns(traffic);
            case Traffic.HAPROXY -> {
                List<String> required = List.of("addresses", "backend", "targets");
                only(traffic, "HAProxy", required, "drain", "closeRest", "timeout");
                CommonFields.between(traffic.at("drain"), 0, 86_400);
                CommonFields.between(traffic.at("timeout"), 1, 60);
                traffic.at("addresses").items().forEach(Servers::checkRuntime);
            }
            case Traffic.ROUTE53 -> checkRoute53(traffic);
            case Traffic.WEBHOOK -> {
                List<String> required = List.of("url");
                String[] optional = {"secret", "status", "timeout", "attempts", "acceptUnverified", "targets"};
                only(traffic, "a webhook", required, optional);
                checkSafeUrl(traffic.at("url"));
                checkSafeUrl(traffic.at("status"));
                CommonFields.secret(traffic.at("secret"));
                CommonFields.between(traffic.at("timeout"), 1, 600);
                checkVerified(traffic, traffic.at("status").written(), "Write 'status', a URL that tells it");
            }
            case Traffic.COMMAND -> {
                only(traffic, "a command", List.of("command"), "timeout", "reports", "acceptUnverified", "targets");
                CommonFields.between(traffic.at("timeout"), 1, 3600);
                checkVerified(
                        traffic,
                        traffic.at("reports").flag().orElse(false),
                        "Write reports: true, if the command can be asked for it");
            }
            // Told by the schema.
            default -> {}
        }
    }

    private static void only(Fields traffic, String by, List<String> required, String... optional) {
        CommonFields.only(
                traffic,
                "Traffic by " + by,
                Stream.concat(ALL.stream(), required.stream()).toList(),
                List.of(optional));
    }

    private static void checkDns(Fields traffic) {
        List<String> required = List.of("zone", "record", "server", "targets");
        only(traffic, "DNS", required, "ttl", "switchTtl", "key", "resolvers", "nameServers", "timeout");
        Servers.check(traffic.at("server"));
        traffic.at("resolvers").items().forEach(Servers::check);
        Fields nameServers = traffic.at("nameServers");
        nameServers.names().forEach(name -> Servers.check(nameServers.at(name)));
        CommonFields.secret(traffic.at("key").at("secret"));
        CommonFields.between(traffic.at("ttl"), 1, LONGEST_TTL);
        CommonFields.between(traffic.at("switchTtl"), 1, LONGEST_TTL);
        CommonFields.between(traffic.at("timeout"), 1, 600);
        if (CommonFields.seconds(traffic.at("switchTtl"), Traffic.Dns.DEFAULT_SWITCH_TTL)
                > CommonFields.seconds(traffic.at("ttl"), Traffic.Dns.DEFAULT_TTL)) {
            (traffic.at("switchTtl").written() ? traffic.at("switchTtl") : traffic.at("ttl"))
                    .refuse(
                            "BAD_VALUE",
                            "During a switch the TTL would be longer than in quiet times.",
                            "Write a 'switchTtl' that is not above 'ttl'.");
        }
        String zone = "." + traffic.at("zone").text().orElse("").replaceAll("\\.$", "");
        traffic.at("record")
                .text()
                .map(record -> "." + record.replaceAll("\\.$", ""))
                .filter(record ->
                        zone.length() > 1 && !record.toLowerCase(Locale.ROOT).endsWith(zone.toLowerCase(Locale.ROOT)))
                .ifPresent(record -> traffic.at("record")
                        .refuse("BAD_VALUE", "The record is not in the zone.", "Write its whole name."));
        for (String key : traffic.at("targets").names()) {
            Fields values = traffic.at("targets").at(key);
            List<String> texts = texts(values);
            long names = texts.stream().filter(text -> !Servers.isAddress(text)).count();
            boolean malformed = texts.stream()
                    .anyMatch(text ->
                            !Servers.isAddress(text) && !HOST.matcher(text).matches());
            if (malformed || (names > 0 && texts.size() > 1)) {
                values.refuse(
                        "BAD_TARGET",
                        "A target in DNS is one or more addresses, or one name.",
                        "Write addresses of IPv4 or IPv6, or one name, which becomes a CNAME.");
            }
        }
    }

    private static void checkRoute53(Fields traffic) {
        only(traffic, "Route 53", List.of("zone", "record", "targets"), "type", "ttl", "policy", "url", "timeout");
        checkSafeUrl(traffic.at("url"));
        CommonFields.between(traffic.at("ttl"), 0, LONGEST_TTL);
        CommonFields.between(traffic.at("timeout"), 1, 300);
        Fields targets = traffic.at("targets");
        Traffic.Policy policy = policy(traffic);
        if (policy == Traffic.Policy.FAILOVER && targets.names().size() != 2) {
            targets.refuse(
                    "BAD_TARGET", "The policy failover is between two targets.", "Write two, or another policy.");
        }
        String type = traffic.at("type").text().orElse(Traffic.RecordType.A.id());
        for (String key : targets.names()) {
            Fields values = targets.at(key);
            if (policy != Traffic.Policy.SIMPLE && values.items().size() > 1) {
                values.refuse(
                        "BAD_TARGET",
                        "With the policy " + policy.id() + " a target is one record set's identifier.",
                        "Write the one, or policy: simple with the record's values.");
            } else if (policy == Traffic.Policy.SIMPLE && texts(values).stream().anyMatch(text -> !fits(type, text))) {
                values.refuse(
                        "BAD_TARGET",
                        "Not all of this is for a record of the type " + CommonFields.shortened(type) + ".",
                        "Write addresses of IPv4 for A, of IPv6 for AAAA, a name for CNAME, or another 'type'.");
            }
        }
    }

    private static boolean fits(String type, String value) {
        return switch (type) {
            case "A" -> Servers.isIpv4(value);
            case "AAAA" -> Servers.isIpv6(value);
            default -> !Servers.isAddress(value) && HOST.matcher(value).matches();
        };
    }

    private static List<String> texts(Fields values) {
        return values.items().stream().flatMap(item -> item.text().stream()).toList();
    }

    /** Who reads such a request on its way learns where to send forged ones. */
    private static void checkSafeUrl(Fields url) {
        CommonFields.url(url);
        url.text()
                .filter(text -> text.startsWith("http://"))
                .filter(text -> LOOPBACK.stream()
                        .noneMatch(host -> text.matches("http://" + Pattern.quote(host) + "([:/].*)?")))
                .ifPresent(text -> url.refuse(
                        "BAD_VALUE",
                        "This would travel unencrypted.",
                        "Write https://, or http:// to this machine's own loopback."));
    }

    private static void checkVerified(Fields traffic, boolean asked, String how) {
        if (!asked && !traffic.at("acceptUnverified").flag().orElse(false)) {
            traffic.at("driver")
                    .refuse(
                            "TRAFFIC_UNVERIFIED",
                            "Nobody could ask whether clients were led to another site.",
                            how + ", or acceptUnverified: true, if that is accepted.");
        }
    }

    static List<Traffic> read(Fields spec) {
        return spec.at("traffic").items().stream().map(TrafficReader::traffic).toList();
    }

    private static Traffic traffic(Fields traffic) {
        String name = traffic.at("name").required();
        String endpoint = traffic.at("endpoint").required();
        Map<String, List<String>> targets = targets(traffic.at("targets"));
        return switch (traffic.at("driver").required()) {
            case Traffic.DNS -> dns(name, endpoint, traffic, targets);
            case Traffic.HAPROXY ->
                new Traffic.HaProxy(
                        name,
                        endpoint,
                        texts(traffic.at("addresses")),
                        traffic.at("backend").required(),
                        CommonFields.seconds(traffic.at("drain"), Traffic.HaProxy.DEFAULT_DRAIN),
                        traffic.at("closeRest").flag().orElse(true),
                        CommonFields.seconds(traffic.at("timeout"), Traffic.HaProxy.DEFAULT_TIMEOUT),
                        targets);
            case Traffic.ROUTE53 ->
                new Traffic.Route53(
                        name,
                        endpoint,
                        traffic.at("zone").required(),
                        traffic.at("record").required(),
                        type(traffic),
                        policy(traffic),
                        CommonFields.seconds(traffic.at("ttl"), Traffic.Route53.DEFAULT_TTL),
                        traffic.at("url").text().map(URI::create).orElse(null),
                        CommonFields.seconds(traffic.at("timeout"), Traffic.Route53.DEFAULT_TIMEOUT),
                        targets);
            case Traffic.WEBHOOK ->
                new Traffic.Webhook(
                        name,
                        endpoint,
                        URI.create(traffic.at("url").required()),
                        CommonFields.secretOf(traffic.at("secret")),
                        traffic.at("status").text().map(URI::create).orElse(null),
                        CommonFields.seconds(traffic.at("timeout"), Traffic.Webhook.DEFAULT_TIMEOUT),
                        traffic.at("attempts").whole().map(Long::intValue).orElse(Traffic.Webhook.DEFAULT_ATTEMPTS),
                        traffic.at("acceptUnverified").flag().orElse(false),
                        targets);
            case Traffic.COMMAND ->
                new Traffic.Command(
                        name,
                        endpoint,
                        traffic.at("command").required(),
                        CommonFields.seconds(traffic.at("timeout"), Traffic.Command.DEFAULT_TIMEOUT),
                        traffic.at("reports").flag().orElse(false),
                        traffic.at("acceptUnverified").flag().orElse(false),
                        targets);
            default -> throw new IllegalStateException("The driver was not validated");
        };
    }

    private static Traffic dns(String name, String endpoint, Fields traffic, Map<String, List<String>> targets) {
        Map<String, Member.Address> nameServers = new LinkedHashMap<>();
        Fields named = traffic.at("nameServers");
        named.names()
                .forEach(each -> nameServers.put(
                        each.replaceAll("\\.$", ""),
                        Servers.of(named.at(each).required()).orElseThrow()));
        Map<String, List<String>> values = new LinkedHashMap<>();
        targets.forEach((target, texts) ->
                values.put(target, texts.stream().map(TrafficReader::absolute).toList()));
        return new Traffic.Dns(
                name,
                endpoint,
                traffic.at("zone").required(),
                traffic.at("record").required(),
                CommonFields.seconds(traffic.at("ttl"), Traffic.Dns.DEFAULT_TTL),
                CommonFields.seconds(traffic.at("switchTtl"), Traffic.Dns.DEFAULT_SWITCH_TTL),
                Servers.of(traffic.at("server").required()).orElseThrow(),
                traffic.at("key").written() ? key(traffic.at("key")) : null,
                traffic.at("resolvers").items().stream()
                        .map(resolver -> Servers.of(resolver.required()).orElseThrow())
                        .toList(),
                nameServers,
                CommonFields.seconds(traffic.at("timeout"), Traffic.Dns.DEFAULT_TIMEOUT),
                values);
    }

    /** A name without a last dot would be taken for one below the zone. */
    private static String absolute(String value) {
        return Servers.isAddress(value) || value.endsWith(".") ? value : value + ".";
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
