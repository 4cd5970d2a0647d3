package dev.muster.cli.runs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Table;

/** Runs, a line each. */
public final class RunTable {
    private RunTable() {}

    /** @param runs as the API lists them */
    public static Table of(Output output, JsonNode runs) {
        Table table = new Table(
                Table.Column.of("ID"),
                Table.Column.of("SYSTEM").atLeast(8),
                Table.Column.of("SCENARIO").atLeast(10).optional(1),
                Table.Column.of("STATE"),
                Table.Column.of("STARTED").optional(2),
                Table.Column.of("BY").atLeast(6).optional(4),
                Table.Column.of("TOOK").toTheRight().optional(5),
                Table.Column.of("SUMMARY").atLeast(24).optional(3));
        for (JsonNode run : runs) {
            table.row(
                    Output.text(run.path("id")),
                    Output.text(run.path("system")),
                    Output.text(run.path("scenario")) + (run.path("dryRun").asBoolean() ? " (dry run)" : ""),
                    state(run),
                    output.times().withAge(run.path("started")),
                    Output.text(run.path("requester")),
                    dev.muster.cli.output.Times.between(run.path("started"), run.path("ended")),
                    Output.text(run.path("summary")));
        }
        return table;
    }

    /** How it ended, or where it is. */
    static String state(JsonNode run) {
        String verdict = Output.text(run.path("verdict"));
        return verdict.isEmpty() ? Output.text(run.path("state")) : verdict;
    }
}
