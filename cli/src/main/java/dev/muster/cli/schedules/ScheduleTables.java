package dev.muster.cli.schedules;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Printable;
import dev.muster.cli.output.Table;
import dev.muster.cli.output.Times;
import dev.muster.runbooks.Durations;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Schedules as people read them, from the API's form. */
final class ScheduleTables {
    private static final DateTimeFormatter LOCAL =
            DateTimeFormatter.ofPattern("EEE uuuu-MM-dd HH:mm:ss xxx", Locale.ROOT);
    private static final int NEXT_SHOWN = 5;
    private static final Set<String> NOTHING_TO_DO = Set.of("UNCHANGED", "UNMANAGED");

    private ScheduleTables() {}

    static String local(Instant moment, String zone) {
        return LOCAL.format(moment.atZone(zone.isEmpty() ? ZoneId.of("UTC") : ZoneId.of(zone)));
    }

    /** As the API gives it where this machine does not know the zone. */
    private static String local(JsonNode moment, JsonNode status) {
        try {
            return Times.of(moment)
                    .map(time -> local(time, Output.text(status.path("timeZone"))))
                    .orElse("-");
        } catch (DateTimeException e) {
            return Output.text(moment);
        }
    }

    private static String joined(JsonNode texts) {
        return StreamSupport.stream(texts.spliterator(), false)
                .map(Output::text)
                .collect(Collectors.joining("; "));
    }

    /** What applying did, or would do. */
    static List<String> changes(JsonNode applied) {
        List<String> lines = new ArrayList<>();
        int todo = 0;
        for (JsonNode change : applied.path("changes")) {
            String problem = Output.text(change.path("problem"));
            String kind = Output.text(change.path("kind"));
            todo += NOTHING_TO_DO.contains(kind) ? 0 : 1;
            lines.add(kind + "  " + Output.text(change.path("name")) + (problem.isEmpty() ? "" : "  FAILED"));
            for (JsonNode field : change.path("fields")) {
                lines.add("    " + Output.text(field.path("field")) + ": " + Output.text(field.path("onServer"))
                        + " -> " + Output.text(field.path("wanted")));
            }
            if (!problem.isEmpty()) {
                lines.add("    " + problem);
            }
        }
        if (applied.path("dryRun").asBoolean()) {
            lines.add(todo + " to change. Nothing was done.");
        }
        return lines.stream().map(Printable::line).toList();
    }

    static Table list(JsonNode schedules) {
        Table table = new Table(
                Table.Column.of("SCHEDULE"),
                Table.Column.of("SCENARIO").atLeast(10).optional(2),
                Table.Column.of("CRON").atLeast(12).optional(3),
                Table.Column.of("ZONE").optional(4),
                Table.Column.of("NEXT").atLeast(30),
                Table.Column.of("LAST").optional(1),
                Table.Column.of("STATE"));
        for (JsonNode status : schedules) {
            JsonNode last = status.path("last").path(0);
            table.row(
                    Output.text(status.path("name")),
                    Output.text(status.path("scenario")),
                    joined(status.path("crons")),
                    Output.text(status.path("timeZone")),
                    next(status),
                    local(last.path("scheduledFor"), status),
                    last.isMissingNode() ? "-" : Output.text(last.path("state")));
        }
        return table;
    }

    private static String next(JsonNode status) {
        if (status.path("paused").asBoolean()) {
            return "paused: " + Output.text(status.path("note"));
        }
        return status.path("next").isEmpty()
                ? "never"
                : local(status.path("next").path(0), status);
    }

    static List<String> one(JsonNode status) {
        List<String> lines = new ArrayList<>();
        lines.add(Output.text(status.path("name")) + ": " + Output.text(status.path("scenario")) + ", runbook "
                + Output.text(status.path("runbook")));
        lines.add("cron      " + joined(status.path("crons")) + " in " + Output.text(status.path("timeZone")));
        lines.add("jitter    " + seconds(status.path("jitterSeconds")));
        lines.add("overlap   " + Output.text(status.path("overlap")));
        lines.add("catch-up  " + seconds(status.path("catchUpSeconds")));
        lines.add("started   " + Output.text(status.path("started")) + ", missed " + Output.text(status.path("missed"))
                + ", skipped " + Output.text(status.path("skipped")));
        if (status.path("paused").asBoolean()) {
            lines.add("paused    " + Output.text(status.path("note")));
        }
        StreamSupport.stream(status.path("next").spliterator(), false)
                .limit(NEXT_SHOWN)
                .forEach(next -> lines.add("next      " + local(next, status)));
        for (JsonNode last : status.path("last")) {
            String run = Output.text(last.path("runId"));
            String reason = Output.text(last.path("reason"));
            lines.add("last      " + local(last.path("scheduledFor"), status) + "  " + Output.text(last.path("state"))
                    + (run.isEmpty() ? "" : "  run " + run)
                    + (reason.isEmpty() ? "" : "  " + reason));
        }
        return lines.stream().map(Printable::line).toList();
    }

    private static String seconds(JsonNode field) {
        return Durations.format(Duration.ofSeconds(field.asLong()));
    }

    static Table executions(Output output, JsonNode executions) {
        Table table = new Table(
                Table.Column.of("DUE"),
                Table.Column.of("OUTCOME"),
                Table.Column.of("RUN").optional(2),
                Table.Column.of("SINCE").optional(1),
                Table.Column.of("DETAIL").atLeast(24).optional(3));
        for (JsonNode execution : executions) {
            table.row(
                    output.times().withAge(execution.path("due")),
                    Output.text(execution.path("outcome")),
                    Output.text(execution.path("runId")),
                    output.times().withAge(execution.path("at")),
                    Output.text(execution.path("detail")));
        }
        return table;
    }
}
