package dev.muster.embedded.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** A report for programs. Times are ISO 8601 in UTC, durations seconds; fields are only ever added. */
public final class JsonReport {
    private static final int SCHEMA = 1;
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private JsonReport() {}

    public static String of(ReportDocument document) {
        ObjectNode root = JSON.createObjectNode();
        root.put("schema", SCHEMA)
                .put("title", document.title())
                .put("outcome", name(document.outcome()))
                .put("summary", document.summary())
                .put("started", document.started().toString())
                .put("ended", document.ended().toString())
                .put("seconds", seconds(document.elapsed()));
        ArrayNode objectives = root.putArray("objectives");
        for (ReportDocument.Objective objective : document.objectives()) {
            ObjectNode node = objectives
                    .addObject()
                    .put("name", objective.name())
                    .put("promisedSeconds", seconds(objective.promised()));
            objective.achieved().ifPresent(achieved -> node.put("achievedSeconds", seconds(achieved)));
            node.put("verdict", name(objective.verdict())).put("measured", objective.measured());
        }
        ArrayNode rows = root.putArray("rows");
        for (ReportDocument.Rows relation : document.rows()) {
            rows.addObject()
                    .put("relation", relation.relation())
                    .put("deleted", relation.deleted())
                    .put("back", relation.back())
                    .put("conflicting", relation.conflicting());
        }
        ArrayNode checks = root.putArray("checks");
        for (ReportDocument.Check check : document.checks()) {
            checks.addObject()
                    .put("name", check.name())
                    .put("verdict", name(check.verdict()))
                    .put("finding", check.finding());
        }
        ArrayNode steps = root.putArray("steps");
        for (ReportDocument.Step step : document.steps()) {
            steps.addObject()
                    .put("name", step.name())
                    .put("where", step.where())
                    .put("started", step.started().toString())
                    .put("seconds", seconds(step.duration()))
                    .put("attempts", step.attempts())
                    .put("verdict", name(step.verdict()))
                    .put("detail", step.detail());
        }
        entries(root.putObject("places"), document.places());
        entries(root.putObject("environment"), document.environment());
        try {
            return JSON.writeValueAsString(root) + "\n";
        } catch (IOException e) {
            throw new UncheckedIOException("A tree of plain values is always written", e);
        }
    }

    private static void entries(ObjectNode node, List<ReportDocument.Entry> entries) {
        entries.forEach(entry -> node.put(entry.name(), entry.value()));
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
