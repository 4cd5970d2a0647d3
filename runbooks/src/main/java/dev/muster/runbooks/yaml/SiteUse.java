package dev.muster.runbooks.yaml;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Sites that nothing is at, and sites that a database can move to without what it needs there. */
final class SiteUse {
    private SiteUse() {}

    /** Warns only: a description of older versions may have either. */
    static void check(Fields spec) {
        Set<String> used = new LinkedHashSet<>();
        Stream.of("repositories", "workloads")
                .flatMap(list -> spec.at(list).items().stream())
                .forEach(item -> item.at("site").text().ifPresent(used::add));
        spec.at("databases").items().forEach(database -> used.addAll(sites(database)));
        for (Fields site : spec.at("sites").items()) {
            site.at("name")
                    .text()
                    .filter(name -> !used.contains(name))
                    .ifPresent(name -> site.at("name")
                            .warn(
                                    "SITE_UNUSED",
                                    "Nothing is at the site '" + CommonFields.shortened(name) + "'.",
                                    "Describe its members, repositories or workloads, or take it out."));
        }
        spec.at("databases").items().forEach(database -> checkStores(spec, database));
    }

    private static List<String> sites(Fields database) {
        return DatabaseReader.servers(database).stream()
                .flatMap(server -> server.at("site").text().stream())
                .distinct()
                .toList();
    }

    private static void checkStores(Fields spec, Fields database) {
        List<String> sites = sites(database);
        if (sites.size() < 2) {
            return;
        }
        Set<String> withStore = new LinkedHashSet<>();
        spec.at("repositories")
                .items()
                .forEach(repository -> repository.at("site").text().ifPresent(withStore::add));
        for (Fields member : database.at("members").items()) {
            Optional<String> site = member.at("site").text().filter(name -> !withStore.contains(name));
            if (member.at("promotable").flag().orElse(true) && site.isPresent()) {
                member.at("site")
                        .warn(
                                "SITE_WITHOUT_STORE",
                                "The site '" + CommonFields.shortened(site.get())
                                        + "' has no repository: after a failover to it, backups and WAL still depend on "
                                        + CommonFields.shortened(String.join(", ", withStore)) + ".",
                                "Add a repository there and replicate to it.");
            }
        }
    }
}
