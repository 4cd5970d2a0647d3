package dev.muster.cli.schedules;

import dev.muster.runbooks.Durations;
import dev.muster.workflows.schedules.ScheduleChange;
import dev.muster.workflows.schedules.ScheduleChange.Kind;
import dev.muster.workflows.schedules.ScheduleStatus;
import dev.muster.workflows.schedules.ScheduleStatus.LastRun;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/** Schedules as people read them. */
final class ScheduleTables {
    private static final DateTimeFormatter LOCAL =
            DateTimeFormatter.ofPattern("EEE uuuu-MM-dd HH:mm:ss xxx", java.util.Locale.ROOT);
    private static final int NEXT_SHOWN = 5;

    private ScheduleTables() {}

    static String local(Instant moment, String zone) {
        return LOCAL.format(moment.atZone(zone.isEmpty() ? ZoneId.of("UTC") : ZoneId.of(zone)));
    }

    static List<String> changes(List<ScheduleChange> changes, boolean dryRun) {
        List<String> lines = new ArrayList<>();
        for (ScheduleChange change : changes) {
            lines.add(change.kind() + "  " + change.name() + (change.problem() == null ? "" : "  FAILED"));
            change.fields()
                    .forEach(field ->
                            lines.add("    " + field.field() + ": " + field.onServer() + " -> " + field.wanted()));
            if (change.problem() != null) {
                lines.add("    " + change.problem());
            }
        }
        long todo = changes.stream()
                .filter(change -> change.kind() != Kind.UNCHANGED && change.kind() != Kind.UNMANAGED)
                .count();
        if (dryRun) {
            lines.add(todo + " to change. Nothing was done.");
        }
        return lines;
    }

    static List<String> list(List<ScheduleStatus> all) {
        if (all.isEmpty()) {
            return List.of(
                    "There is no schedule. Begin with: muster schedules apply shipped:default-timetable --system FILE");
        }
        Table table = new Table("SCHEDULE", "SCENARIO", "CRON", "ZONE", "NEXT", "LAST", "STATE");
        for (ScheduleStatus status : all) {
            LastRun last = status.last().isEmpty() ? null : status.last().get(0);
            table.row(
                    status.name(),
                    status.scenario(),
                    String.join("; ", status.crons()),
                    status.timeZone(),
                    status.paused()
                            ? "paused: " + status.note()
                            : status.next().isEmpty()
                                    ? "never"
                                    : local(status.next().get(0), status.timeZone()),
                    last == null ? "-" : local(last.scheduledFor(), status.timeZone()),
                    last == null ? "-" : last.state().toString());
        }
        return table.lines();
    }

    static List<String> one(ScheduleStatus status) {
        List<String> lines = new ArrayList<>();
        lines.add(status.name() + ": " + status.scenario() + ", runbook " + status.runbook());
        lines.add("cron      " + String.join("; ", status.crons()) + " in " + status.timeZone());
        lines.add("jitter    " + Durations.format(Duration.ofSeconds(status.jitterSeconds())));
        lines.add("overlap   " + status.overlap());
        lines.add("catch-up  " + Durations.format(Duration.ofSeconds(status.catchUpSeconds())));
        lines.add("started   " + status.started() + ", missed " + status.missed() + ", skipped " + status.skipped());
        if (status.paused()) {
            lines.add("paused    " + status.note());
        }
        status.next().stream()
                .limit(NEXT_SHOWN)
                .forEach(next -> lines.add("next      " + local(next, status.timeZone())));
        for (LastRun last : status.last()) {
            lines.add("last      " + local(last.scheduledFor(), status.timeZone()) + "  " + last.state()
                    + (last.runId() == null ? "" : "  run " + last.runId())
                    + (last.reason().isEmpty() ? "" : "  " + last.reason()));
        }
        return lines;
    }
}
