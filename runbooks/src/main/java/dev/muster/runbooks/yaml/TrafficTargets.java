package dev.muster.runbooks.yaml;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Whether traffic can be led to every member that may become the primary, and to nothing that is not there. */
final class TrafficTargets {
    private TrafficTargets() {}

    static void check(Fields spec, Fields traffic, Names sites) {
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
        checkApart(targets);
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

    /** What belongs to two targets would get the traffic of the one that is cut off. */
    private static void checkApart(Fields targets) {
        Set<String> seen = new HashSet<>();
        for (String key : targets.names()) {
            for (Fields value : targets.at(key).items()) {
                value.text()
                        .filter(text -> !seen.add(text))
                        .ifPresent(text -> value.refuse(
                                "BAD_TARGET",
                                "'" + CommonFields.shortened(text) + "' stands in another target too.",
                                "Leave it in one of them."));
            }
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
}
