package dev.muster.runbooks.yaml;

import dev.muster.runbooks.Fence;
import dev.muster.runbooks.Topology;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** How a database's members are fenced, and whether that allows what its policy asks for. */
final class FenceReader {
    private FenceReader() {}

    static void check(Fields database) {
        Set<String> seen = new HashSet<>();
        for (Fields fence : database.at("fence").items()) {
            String method = fence.at("method").text().orElse("");
            // Two commands can cut off by different ways.
            String way = method.equals(Fence.COMMAND)
                    ? method + " " + fence.at("command").text().orElse("")
                    : method;
            if (!method.isEmpty() && !seen.add(way)) {
                fence.at("method").refuse("DUPLICATE_FENCE", "The fence stands twice.", "Take one out.");
            }
            switch (method) {
                case Fence.HOST -> CommonFields.only(fence, "A fence by the host", List.of("method"), List.of());
                case Fence.COMMAND -> checkCommand(fence);
                case Fence.LEASE -> checkLease(fence);
                case Fence.STATEMENT ->
                    CommonFields.only(fence, "A fence by a statement", List.of("method"), List.of("role"));
                // Told by the schema.
                default -> {}
            }
        }
        checkAutomatic(database);
    }

    private static void checkCommand(Fields fence) {
        CommonFields.only(fence, "A fence by a command", List.of("method", "command"), List.of("timeout"));
        CommonFields.between(fence.at("timeout"), 1, 600);
    }

    private static void checkLease(Fields fence) {
        CommonFields.only(
                fence,
                "A fence by a lease",
                List.of("method", "endpoints"),
                List.of("ttl", "prefix", "user", "password", "certificates"));
        CommonFields.between(fence.at("ttl"), Fence.Lease.SHORTEST, Fence.Lease.LONGEST);
        CommonFields.secret(fence.at("password"));
        CommonFields.secret(fence.at("certificates").at("key"));
        Fields endpoints = fence.at("endpoints");
        List<Fields> voters = endpoints.items();
        voters.forEach(CommonFields::url);
        if (endpoints.isList() && voters.size() < Fence.Lease.FEWEST_ENDPOINTS) {
            endpoints.refuse(
                    "LEASE_TOO_FEW_ENDPOINTS",
                    "A lease needs three voters of etcd, in three failure domains; here are " + voters.size() + ".",
                    "Name the endpoint of each voter. With fewer, one failure stops every primary.");
        } else if (voters.size() % 2 == 0 && !voters.isEmpty()) {
            endpoints.warn(
                    "LEASE_EVEN_ENDPOINTS",
                    voters.size() + " voters outlive no more failures than " + (voters.size() - 1) + ".",
                    "Have three or five.");
        }
        if (voters.stream()
                        .map(FenceReader::host)
                        .filter(host -> !host.isEmpty())
                        .distinct()
                        .count()
                < voters.stream()
                        .map(FenceReader::host)
                        .filter(host -> !host.isEmpty())
                        .count()) {
            endpoints.warn(
                    "LEASE_SHARED_HOST",
                    "Two voters have the same host: they fail together.",
                    "Put each voter into a failure domain of its own.");
        }
    }

    private static String host(Fields endpoint) {
        try {
            String host = URI.create(endpoint.text().orElse("")).getHost();
            return host == null ? "" : host;
        } catch (IllegalArgumentException e) {
            // Told where the address is checked.
            return "";
        }
    }

    /** SAFETY: no promotion without a person, unless policy and fencing both allow it. */
    private static void checkAutomatic(Fields database) {
        Fields automatic = database.at("replication").at("automaticFailover");
        if (!automatic.flag().orElse(false)) {
            return;
        }
        List<String> methods = database.at("fence").written()
                ? database.at("fence").items().stream()
                        .flatMap(fence -> fence.at("method").text().stream())
                        .toList()
                : Topology.DEFAULT_FENCE.stream().map(Fence::method).toList();
        boolean outside = methods.contains(Fence.COMMAND) || methods.contains(Fence.LEASE);
        if (!outside && !methods.contains(Fence.HOST) && !methods.isEmpty()) {
            automatic.refuse(
                    "AUTOMATIC_WITHOUT_FENCE",
                    "Only a person's statement fences this database, so no failover can begin without a person.",
                    "Add a fence by host, command or lease, or take automaticFailover out.");
        } else if (!outside && sites(database) > 1) {
            automatic.warn(
                    "AUTOMATIC_WAITS_FOR_PERSON",
                    "Where the primary's whole site is silent, no fence here can be proved: the failover waits for a"
                            + " person.",
                    "Add a fence by command or lease, if it must not wait.");
        }
    }

    private static long sites(Fields database) {
        return DatabaseReader.servers(database).stream()
                .flatMap(server -> server.at("site").text().stream())
                .distinct()
                .count();
    }

    /** The fences, of a document without problems. */
    static List<Fence> read(Fields list) {
        return list.items().stream().map(FenceReader::fence).toList();
    }

    private static Fence fence(Fields fence) {
        return switch (fence.at("method").required()) {
            case Fence.HOST -> new Fence.Host();
            case Fence.COMMAND ->
                new Fence.Command(
                        fence.at("command").required(),
                        CommonFields.seconds(fence.at("timeout"), Fence.Command.DEFAULT_TIMEOUT));
            case Fence.LEASE ->
                new Fence.Lease(
                        fence.at("endpoints").items().stream()
                                .map(Fields::required)
                                .toList(),
                        CommonFields.seconds(fence.at("ttl"), Fence.Lease.DEFAULT_TTL),
                        fence.at("prefix").text().orElse(Fence.Lease.DEFAULT_PREFIX),
                        fence.at("user").text().orElse(null),
                        CommonFields.secretOf(fence.at("password")),
                        fence.at("certificates").written() ? certificates(fence.at("certificates")) : null);
            case Fence.STATEMENT -> new Fence.Statement(fence.at("role").text().orElse(Fence.Statement.DEFAULT_ROLE));
            default -> throw new IllegalStateException("The fence's method was not validated");
        };
    }

    private static Fence.Certificates certificates(Fields certificates) {
        return new Fence.Certificates(
                certificates.at("authority").required(),
                certificates.at("certificate").text().orElse(null),
                CommonFields.secretOf(certificates.at("key")));
    }
}
