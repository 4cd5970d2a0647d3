package dev.muster.e2e.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pages of runs, by HTTP, from an API that is warm; and what PostgreSQL alone takes for the first of them. */
final class Listing {
    private static final int[] CONNECTIONS = {1, 4, 16};
    private static final int ROUNDS = 3;
    private static final Duration WARM_UP = Duration.ofSeconds(4);
    private static final Duration ROUND = Duration.ofSeconds(2);

    /** As the API asks for its first page. */
    private static final String FLOOR =
            "select run_id, workflow_id, system, scenario, requester, dry_run, runbook_hash,"
                    + " plan_hash, state, verdict, summary, waiting_for_role, started, ended, revision, schedule"
                    + " from record.run order by started desc, run_id desc limit 51";

    private final RecordedRuns runs;
    private final Map<String, Measured> measured = new LinkedHashMap<>();

    /** What the rounds of one question brought. */
    private static final class Measured {
        private final List<Double> perSecond = new ArrayList<>();
        private final List<Double> millis = new ArrayList<>();
        private double apiSeconds;
        private double postgresSeconds;

        double median() {
            return Figures.median(doubles(perSecond));
        }

        private static double[] doubles(List<Double> values) {
            return values.stream().mapToDouble(Double::doubleValue).toArray();
        }

        double[] all() {
            return doubles(millis);
        }
    }

    Listing(RecordedRuns runs) {
        this.runs = runs;
        // By default five connections are kept at most.
        System.setProperty("http.maxConnections", "64");
    }

    void measure() throws Exception {
        RecordedRuns.Api api = runs.startApi();
        Map<String, String> paths = paths(api);
        for (String path : paths.values()) {
            Load.measure(Collections.nCopies(4, () -> runs.get(api, path)), WARM_UP);
        }
        // Each round has every question, so that whatever else the machine does meets all of them.
        for (int round = 0; round < ROUNDS; round++) {
            for (Map.Entry<String, String> path : paths.entrySet()) {
                for (int connections : CONNECTIONS) {
                    round(api, path.getKey() + " | " + connections, connections, path.getValue());
                }
            }
            for (int connections : CONNECTIONS) {
                floor("first page, PostgreSQL alone by JDBC | " + connections, connections);
            }
        }
        print(api);
        api.process().stop(Duration.ofSeconds(10));
    }

    private Map<String, String> paths(RecordedRuns.Api api) throws IOException {
        Map<String, String> paths = new LinkedHashMap<>();
        paths.put("first page", "/v1/runs");
        paths.put("of a system", "/v1/runs?system=system-7");
        paths.put("of a scenario", "/v1/runs?scenario=restore-test");
        paths.put("of a state (5 runs)", "/v1/runs?state=WAITING_FOR_APPROVAL");
        paths.put("failed ones", "/v1/runs?verdict=FAILED");
        paths.put("failed ones of a system", "/v1/runs?system=system-7&verdict=FAILED");
        paths.put("page after 90 %", "/v1/runs?cursor=" + deepCursor(api));
        return paths;
    }

    private String deepCursor(RecordedRuns.Api api) throws IOException {
        ObjectMapper json = new ObjectMapper();
        String cursor = "";
        for (int seen = 0; seen < runs.runs() * 0.9; ) {
            JsonNode page =
                    json.readTree(runs.get(api, "/v1/runs?limit=500" + (cursor.isEmpty() ? "" : "&cursor=" + cursor)));
            seen += page.path("runs").size();
            cursor = page.path("next").asText();
        }
        return cursor;
    }

    private void round(RecordedRuns.Api api, String name, int connections, String path) throws Exception {
        Measured into = measured.computeIfAbsent(name, each -> new Measured());
        into.apiSeconds -= Figures.cpuSeconds(api.process().processId());
        record(into, Collections.nCopies(connections, () -> runs.get(api, path)));
        into.apiSeconds += Figures.cpuSeconds(api.process().processId());
    }

    private void floor(String name, int connections) throws Exception {
        List<Connection> open = new ArrayList<>();
        try {
            List<Load.Call> calls = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                Connection connection = runs.connect();
                open.add(connection);
                PreparedStatement statement = connection.prepareStatement(FLOOR);
                calls.add(() -> read(statement));
            }
            Load.measure(calls, ROUND.dividedBy(4));
            record(measured.computeIfAbsent(name, each -> new Measured()), calls);
        } finally {
            for (Connection connection : open) {
                connection.close();
            }
        }
    }

    private static void read(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                for (int column = 1; column <= columns; column++) {
                    Object unused = rows.getObject(column);
                }
            }
        }
    }

    private void record(Measured into, List<Load.Call> calls) throws Exception {
        into.postgresSeconds -= Figures.cpuSeconds(runs.postgresProcess());
        Load.Result result = Load.measure(calls, ROUND);
        into.postgresSeconds += Figures.cpuSeconds(runs.postgresProcess());
        into.perSecond.add(result.perSecond());
        into.millis.addAll(result.millis());
    }

    private void print(RecordedRuns.Api api) throws IOException {
        Figures.table(
                "Listing 50 of " + runs.runs() + " runs",
                "GET /v1/runs",
                "connections",
                "per second",
                "p50 ms",
                "p99 ms",
                "CPU of the API, ms each",
                "of PostgreSQL, ms each");
        measured.forEach((name, all) -> {
            double[] millis = all.all();
            Figures.row(
                    name,
                    Figures.text(all.median()),
                    Figures.text(Figures.median(millis)),
                    Figures.text(Figures.quantile(millis, 0.99)),
                    Figures.text(all.apiSeconds * 1000 / millis.length),
                    Figures.text(all.postgresSeconds * 1000 / millis.length));
        });
        System.out.println("\nResident memory of the API after all of it: "
                + Figures.text(Figures.residentMegabytes(api.process().processId())) + " MB");
    }
}
