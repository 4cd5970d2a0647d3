package dev.muster.cli.repo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.muster.cli.output.Output;
import dev.muster.postgres.restore.DiskNeed;
import dev.muster.postgres.restore.RestorePlan;
import dev.muster.postgres.restore.TargetCheck;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a restore would do, or has done, in words.
 *
 * @param to holds the data directory and the WAL
 * @param data the data directory
 * @param target in words
 * @param port that it will listen on
 * @param passwords whether who connects needs the role's password
 */
record RestoreReport(
        RestoreChoice choice, Path to, Path data, String target, int port, boolean passwords, boolean standby) {
    private static final int REMOVED_SHOWN = 20;

    /**
     * What would happen.
     *
     * @param plan its disks' needs with those of the WAL
     */
    record DryRun(RestorePlan plan, TargetCheck.NeededWal wal) {}

    void would(Output output, DryRun dry) {
        if (output.json()) {
            output.line(json(dry).toString());
            return;
        }
        RestorePlan plan = dry.plan();
        output.line("Would restore " + what(output));
        output.line("  data:  " + Amount.bytes(plan.toWrite()) + " of " + Amount.bytes(plan.bytes())
                + " are written, in " + Amount.count(plan.files(), "file", "files"));
        if (plan.overwrites()) {
            output.line("  OVER the old data directory there: "
                    + Amount.count(plan.removed().size(), "path is", "paths are") + " removed, with "
                    + Amount.bytes(plan.freed()));
        }
        plan.removed().stream().limit(REMOVED_SHOWN).forEach(path -> output.line("         - " + path));
        if (plan.removed().size() > REMOVED_SHOWN) {
            output.line("         and " + (plan.removed().size() - REMOVED_SHOWN) + " more; -o json names them all");
        }
        output.line("  WAL:   from " + dry.wal().from() + " to " + dry.wal().to() + " along timeline "
                + dry.wal().timeline() + ", " + Amount.bytes(dry.wal().bytes())
                + (dry.wal().isThere()
                        ? ": all of it is in the store"
                        : ": NOT ALL THERE, stored up to " + dry.wal().stored()));
        new TreeMap<>(plan.tablespaces()).forEach((oid, place) -> output.line("  tablespace " + oid + " in " + place));
        for (DiskNeed disk : plan.disks()) {
            output.line("  room:  " + Amount.bytes(Math.max(0, disk.bytes())) + " are needed on " + disk.name()
                    + (disk.missing() == 0
                            ? ", and there"
                            : ", and " + Amount.bytes(disk.missing()) + " of them ARE NOT FREE"));
        }
        beyond(output);
    }

    void done(Output output) {
        if (output.json()) {
            output.line(json(true).toString());
            return;
        }
        output.line("Restored " + what(output));
        beyond(output);
        String version = Integer.toString(choice.summary().majorVersion());
        output.line("Start it with PostgreSQL " + version + ", as the user that owns its files (as root: chown -R"
                + " postgres: " + to.toAbsolutePath() + " first):");
        output.line("    pg_ctl -D '" + data + "' -l '" + to.toAbsolutePath() + "/log' start");
        if (standby) {
            output.line("It replays its WAL, then follows the primary. It has the source's own configuration: its port,"
                    + " its archive_command. Look at these before you start it.");
            return;
        }
        output.line("It replays the WAL and stays read-only at its target. Look at the data:");
        output.line("    psql -h 127.0.0.1 -p " + port + " -U "
                + choice.summary().settings().getOrDefault("superuser", "postgres") + " -d postgres");
        if (passwords) {
            output.line("    It asks for the role's own password. If there is none: write trust for scram-sha-256 in");
            output.line("    '" + data + "/pg_hba.conf', then: pg_ctl -D '" + data + "' reload");
        }
        output.line("When it is what you want:");
        output.line("    pg_ctl -D '" + data + "' promote");
        output.line("To put it into service, with the source's own configuration (it has its port and its archiving):");
        output.line("    pg_ctl -D '" + data + "' stop; chmod 700 '" + data + "/pg_tblspc'");
        output.line("    for f in '" + data + "'/*.conf.source; do mv \"$f\" \"${f%.source}\"; done");
    }

    private String what(Output output) {
        return "backup " + choice.backup().id() + " ("
                + Amount.bytes(choice.summary().rawBytes()) + ", PostgreSQL "
                + choice.summary().majorVersion() + ", "
                + output.times().withAge(choice.backup().committed()) + ") to "
                + data + ", with WAL from " + choice.summary().start() + " to " + choice.end() + "; "
                + (standby ? "a standby." : "target: " + target + ".");
    }

    private void beyond(Output output) {
        choice.archive()
                .end(choice.timeline())
                .filter(newest -> newest.isAfter(choice.end()))
                .ifPresent(newest -> output.aside("There is WAL up to " + newest
                        + ", behind a gap: this backup cannot be replayed beyond " + choice.end() + "."));
        choice.newerTimeline()
                .ifPresent(newer -> output.aside("ATTENTION: a server was promoted since: timeline " + newer.timeline()
                        + " left timeline " + choice.timeline() + " at "
                        + newer.endOf(choice.timeline()).orElse(choice.end()) + ". What comes after that on timeline "
                        + choice.timeline() + " is the branch that was given up; --timeline " + newer.timeline()
                        + " goes the other way."));
    }

    private ObjectNode json(boolean restored) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("backup", choice.backup().id())
                .put("restored", restored)
                .put("dataDirectory", data.toString())
                .put("serverVersion", choice.summary().serverVersion())
                .put("systemId", choice.summary().systemId())
                .put("bytes", choice.summary().rawBytes())
                .put("target", target)
                .put("timeline", choice.timeline())
                .put("walFrom", choice.summary().start().toString())
                .put("walTo", choice.end().toString());
        choice.newerTimeline().ifPresent(newer -> json.put("newerTimeline", newer.timeline()));
        return standby ? json.put("standby", true) : json.put("port", port);
    }

    private ObjectNode json(DryRun dry) {
        RestorePlan plan = dry.plan();
        ObjectNode json = json(false);
        json.put("files", plan.files())
                .put("bytesToWrite", plan.toWrite())
                .put("overwrites", plan.overwrites())
                .put("bytesFreed", plan.freed());
        ArrayNode removed = json.putArray("removed");
        List<Path> paths = plan.removed();
        paths.forEach(path -> removed.add(path.toString()));
        json.putObject("wal")
                .put("timeline", dry.wal().timeline())
                .put("from", dry.wal().from().toString())
                .put("to", dry.wal().to().toString())
                .put("bytes", dry.wal().bytes())
                .put("stored", dry.wal().isThere());
        ObjectNode tablespaces = json.putObject("tablespaces");
        Map<String, Path> places = new TreeMap<>(plan.tablespaces());
        places.forEach((oid, place) -> tablespaces.put(oid, place.toString()));
        ArrayNode disks = json.putArray("disks");
        plan.disks()
                .forEach(disk -> disks.addObject()
                        .put("name", disk.name())
                        .put("needed", Math.max(0, disk.bytes()))
                        .put("free", disk.free())
                        .put("missing", disk.missing()));
        return json.put("spaceNeeded", plan.spaceNeeded()).put("spaceMissing", plan.spaceMissing());
    }
}
