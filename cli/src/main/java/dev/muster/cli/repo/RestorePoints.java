package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.output.Output;
import dev.muster.cli.output.Table;
import dev.muster.postgres.restore.ReachablePoints;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** To which points can I go? */
final class RestorePoints {
    private RestorePoints() {}

    static void tell(Output output, String source, List<ReachablePoints.Points> points) {
        if (output.json()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("source", source);
            ArrayNode array = json.putArray("points");
            points.forEach(one -> array.add(json(one)));
            output.line(json.toString());
            return;
        }
        Table table = new Table(
                Table.Column.of("BACKUP"),
                Table.Column.of("TIMELINE").toTheRight(),
                Table.Column.of("FROM"),
                Table.Column.of("TO LAST COMMIT AT"),
                Table.Column.of("FROM LSN").optional(2),
                Table.Column.of("TO LSN").optional(1));
        for (ReachablePoints.Points one : points) {
            table.row(
                    one.backupId(),
                    Integer.toString(one.timeline()),
                    one.earliestTime().toString(),
                    one.restorable()
                            ? one.latestTime()
                                    .filter(time -> !time.isBefore(one.earliestTime()))
                                    .map(output.times()::withAge)
                                    .orElse("the end; no commit near it")
                            : "CANNOT BE RESTORED",
                    one.earliest().toString(),
                    one.latest().toString());
        }
        output.table(table, "There is no point that " + source + " can be restored to.");
        // Several timelines may be cut off by one gap.
        Set<String> told = new LinkedHashSet<>();
        points.forEach(one -> gap(one, told));
        told.forEach(output::aside);
    }

    private static void gap(ReachablePoints.Points one, Set<String> told) {
        one.gap()
                .ifPresent(gap -> told.add("GAP: the WAL of timeline " + gap.timeline() + " from " + gap.from()
                        + " to " + gap.to() + " is not in the store: backup " + one.backupId()
                        + (one.restorable()
                                ? " cannot be replayed beyond " + one.latest() + "."
                                : " cannot be restored along timeline " + one.timeline() + ".")));
        if (one.gap().isEmpty() && !one.restorable()) {
            told.add("Backup " + one.backupId() + " itself needs WAL up to " + one.earliest() + ", and timeline "
                    + one.timeline() + " is stored up to " + one.latest() + " only.");
        }
    }

    private static ObjectNode json(ReachablePoints.Points one) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("backup", one.backupId())
                .put("timeline", one.timeline())
                .put("restorable", one.restorable())
                .put("fromTime", one.earliestTime().toString())
                .put("fromLsn", one.earliest().toString())
                .put("toLsn", one.latest().toString());
        one.latestTime().ifPresent(time -> json.put("toTime", time.toString()));
        one.gap()
                .ifPresent(gap -> json.putObject("gap")
                        .put("timeline", gap.timeline())
                        .put("from", gap.from().toString())
                        .put("to", gap.to().toString()));
        return json;
    }
}
