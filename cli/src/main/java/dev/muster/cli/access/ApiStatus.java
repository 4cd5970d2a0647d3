package dev.muster.cli.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.client.ApiClient;
import dev.muster.cli.context.ApiOptions;
import dev.muster.cli.context.Target;
import dev.muster.cli.output.Output;
import dev.muster.cli.runs.RunTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How the API is, who one is for it, and what is under way. */
public final class ApiStatus {
    private static final String MOST = "100";
    private static final String WAITING = "WAITING_FOR_APPROVAL";
    private static final List<String> UNDER_WAY = List.of(WAITING, "EXECUTING", "PLANNING");

    private static final String YES = "yes";

    private ApiStatus() {}

    public static void show(ApiOptions options, Output output) throws InterruptedException {
        Target target = options.target();
        ApiClient api = ApiOptions.connect(target);
        long begun = System.nanoTime();
        JsonNode caller = api.get(ApiClient.path("me")).json();
        long milliseconds = (System.nanoTime() - begun) / 1_000_000;
        ArrayNode underWay = ApiClient.object().putArray("runs");
        for (String state : UNDER_WAY) {
            api.get(ApiClient.path("runs"), Map.of("state", state, "limit", MOST))
                    .json()
                    .path("runs")
                    .forEach(underWay::add);
        }
        String answer = answer(api, underWay);
        if (output.json()) {
            ObjectNode status = ApiClient.object();
            status.put("context", target.name());
            status.put("api", target.api().toString());
            status.put("milliseconds", milliseconds);
            if (!answer.isEmpty()) {
                status.put("runsAnswer", answer.equals(YES));
            }
            status.set("caller", caller);
            status.set("runs", underWay);
            output.line(status.toString());
            return;
        }
        List<String> roles = new ArrayList<>();
        caller.path("roles").forEach(role -> roles.add(role.asText()));
        output.facts(List.of(
                Map.entry("api", target + ", answers in " + milliseconds + " ms; its catalogue answers too"),
                Map.entry("runs answer", answer),
                Map.entry("you are", Output.text(caller.path("subject")) + ": " + String.join(", ", roles)),
                Map.entry("token", Output.text(caller.path("token")))));
        output.line("");
        output.table(RunTable.of(output, underWay), "No run is under way.");
        for (JsonNode run : underWay) {
            if (Output.text(run.path("state")).equals(WAITING)) {
                output.aside("To approve: muster runs approve " + Output.text(run.path("id")));
            }
        }
    }

    /** Whether the newest run that is under way answers, which needs Temporal and a worker; empty if there is none. */
    private static String answer(ApiClient api, JsonNode underWay) throws InterruptedException {
        if (underWay.isEmpty()) {
            return "";
        }
        JsonNode run = api.get(
                        ApiClient.path("runs", Output.text(underWay.path(0).path("id"))))
                .json()
                .path("run");
        return run.path("live").asBoolean()
                ? YES
                : "no: are Temporal and a control worker up? What is shown are records";
    }
}
