package dev.muster.cli.systems;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Printable;
import dev.muster.cli.output.Table;
import dev.muster.cli.output.Times;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A backup's copies, and what was proved of each, in words. */
final class BackupCopies {
    private static final List<String> LEVELS = List.of("listing", "indexes", "content", "restore");

    private BackupCopies() {}

    /** In which repositories it is; one that lacks something says so. */
    static String places(JsonNode copies) {
        List<String> places = new ArrayList<>();
        for (JsonNode copy : copies) {
            places.add(Output.text(copy.path("repository"))
                    + (copy.path("complete").asBoolean(true) ? "" : " (INCOMPLETE)")
                    + (copy.path("keptBy").isEmpty() ? "" : " (kept)"));
        }
        return String.join(", ", places);
    }

    /** The best that is known of any copy, and each problem. */
    static String proved(JsonNode copies, Times times) {
        List<String> problems = new ArrayList<>();
        String best = "";
        int depth = -1;
        for (JsonNode copy : copies) {
            if (copy.has("problem")) {
                problems.add(
                        Output.text(copy.path("problem").path("code")) + " in " + Output.text(copy.path("repository")));
            } else if (LEVELS.indexOf(Output.text(copy.path("level"))) > depth) {
                depth = LEVELS.indexOf(Output.text(copy.path("level")));
                best = Output.text(copy.path("level")) + " " + times.withAge(copy.path("verifiedAt"));
            }
        }
        return problems.isEmpty() ? best : String.join(", ", problems);
    }

    static void show(JsonNode backup, Output output) {
        output.facts(List.of(
                Map.entry("Backup", Output.text(backup.path("id"))),
                Map.entry("Database", Output.text(backup.path("database"))),
                Map.entry("Kind", Output.text(backup.path("kind"))),
                Map.entry("Consistent at", output.times().withAge(backup.path("stopTime"))),
                Map.entry(
                        "Position",
                        Output.text(backup.path("stopLsn")) + " on timeline " + Output.text(backup.path("timeline"))),
                Map.entry("Size", BackupsCommand.size(backup.path("bytes").asLong()))));
        Table table = new Table(
                Table.Column.of("IN"),
                Table.Column.of("LEVEL"),
                Table.Column.of("LOOKED AT"),
                Table.Column.of("RESULT").atLeast(8),
                Table.Column.of("SOUND SINCE").optional(2),
                Table.Column.of("RUN").optional(1));
        for (JsonNode copy : backup.path("copies")) {
            for (JsonNode look : copy.path("looks")) {
                table.row(
                        Output.text(copy.path("repository")),
                        Output.text(look.path("level")),
                        output.times().withAge(look.path("lookedAt")),
                        result(look),
                        output.times().withAge(look.path("soundAt")),
                        Output.text(look.path("run")));
            }
        }
        output.table(table, "Nothing was proved of it yet.");
        for (JsonNode copy : backup.path("copies")) {
            output.line(place(copy, output));
        }
        if (backup.path("copies").isEmpty()) {
            output.line("In which repositories it is was not looked at yet.");
        }
    }

    private static String result(JsonNode look) {
        if (look.path("sound").asBoolean()) {
            return "sound";
        }
        String object = Output.text(look.path("object"));
        return Output.text(look.path("code"))
                + (object.isEmpty() ? "" : " " + object)
                + (look.path("problems").asLong() > 1
                        ? " and " + (look.path("problems").asLong() - 1) + " more"
                        : "");
    }

    private static String place(JsonNode copy, Output output) {
        List<String> marks = new ArrayList<>();
        for (JsonNode mark : copy.path("keptBy")) {
            String until = output.times().withAge(mark.path("until"));
            marks.add("kept by " + Printable.line(Output.text(mark.path("by"))) + " ("
                    + Printable.line(Output.text(mark.path("why"))) + ")"
                    + (until.isEmpty() ? "" : " until " + until));
        }
        return "In " + Output.text(copy.path("repository")) + ": "
                + (copy.path("complete").asBoolean() ? "" : "INCOMPLETE; ")
                + "seen " + output.times().withAge(copy.path("seenAt"))
                + marks.stream().map(mark -> "; " + mark).collect(Collectors.joining()) + ".";
    }
}
