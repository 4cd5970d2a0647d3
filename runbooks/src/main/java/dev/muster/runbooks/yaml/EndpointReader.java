package dev.muster.runbooks.yaml;

import dev.muster.runbooks.Endpoint;
import dev.muster.runbooks.Workload;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A system's public ways in, and the services around its databases. */
final class EndpointReader {
    private EndpointReader() {}

    static void check(Fields spec, Names sites, Names databases, Names endpoints) {
        for (Fields endpoint : spec.at("endpoints").items()) {
            checkEndpoint(endpoint, databases);
        }
        Set<String> workloads = new HashSet<>();
        for (Fields workload : spec.at("workloads").items()) {
            checkWorkload(workload, sites, endpoints);
            String place = workload.at("name").text().orElse("") + " at "
                    + workload.at("site").text().orElse("");
            if (!workloads.add(place)) {
                workload.at("name")
                        .refuse(
                                "DUPLICATE_NAME",
                                "There is another workload '" + CommonFields.shortened(place) + "' in this system.",
                                "A workload stands once for each of its sites.");
            }
        }
    }

    private static void checkEndpoint(Fields endpoint, Names databases) {
        databases.known(endpoint.at("database"));
        boolean sql = endpoint.at("sql").written();
        if (sql == endpoint.at("http").written()) {
            endpoint.refuse(
                    "ENDPOINT_UNCLEAR",
                    "An endpoint is reached by SQL or by HTTP; this says " + (sql ? "both." : "neither."),
                    "Write sql with database, or http with url.");
            return;
        }
        if (sql) {
            if (!endpoint.at("database").written()) {
                endpoint.refuse("MISSING_FIELD", "An endpoint for SQL needs 'database'.", "Add it.");
            }
            Fields connection = endpoint.at("sql");
            CommonFields.secret(connection.at("password"));
            connection
                    .at("host")
                    .text()
                    .filter(host -> !host.isBlank())
                    .ifPresent(host -> connection.at("host").mention(host));
        } else {
            CommonFields.url(endpoint.at("http").at("url"));
        }
    }

    private static void checkWorkload(Fields workload, Names sites, Names endpoints) {
        sites.known(workload.at("site"));
        endpoints.known(workload.at("check"));
        if (workload.at("check").written() && !endpoints.list()) {
            workload.at("check")
                    .refuse(
                            "UNKNOWN_ENDPOINT",
                            "The system has no endpoints.",
                            "Add spec.endpoints, or take the check out.");
        }
        CommonFields.between(workload.at("timeout"), 1, 3600);
        if (!workload.at("start").written() && !workload.at("scale").written()) {
            workload.refuse(
                    "WORKLOAD_UNCLEAR",
                    "Nothing starts or scales this workload.",
                    "Write start, or scale, or take the workload out.");
        }
    }

    static List<Endpoint> endpoints(Fields spec) {
        return spec.at("endpoints").items().stream()
                .map(EndpointReader::endpoint)
                .toList();
    }

    private static Endpoint endpoint(Fields endpoint) {
        String name = endpoint.at("name").required();
        Fields http = endpoint.at("http");
        return http.written()
                ? new Endpoint.Http(
                        name,
                        endpoint.at("database").text().orElse(null),
                        URI.create(http.at("url").required()),
                        http.at("expect").whole().map(Long::intValue).orElse(Endpoint.Http.DEFAULT_STATUS))
                : new Endpoint.Sql(
                        name, endpoint.at("database").required(), CommonFields.connection(endpoint.at("sql")));
    }

    static List<Workload> workloads(Fields spec) {
        return spec.at("workloads").items().stream()
                .map(EndpointReader::workload)
                .toList();
    }

    private static Workload workload(Fields workload) {
        Fields scale = workload.at("scale");
        return new Workload(
                workload.at("name").required(),
                workload.at("site").required(),
                workload.at("start").text().orElse(null),
                workload.at("stop").text().orElse(null),
                scale.written()
                        ? new Workload.Scale(
                                scale.at("command").required(),
                                scale.at("capacity").whole().orElseThrow().intValue())
                        : null,
                workload.at("check").text().orElse(null),
                workload.at("order").whole().map(Long::intValue).orElse(Workload.DEFAULT_ORDER),
                CommonFields.seconds(workload.at("timeout"), Workload.DEFAULT_TIMEOUT));
    }
}
