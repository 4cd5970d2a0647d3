package dev.muster.runbooks.yaml;

import dev.muster.runbooks.Durations;
import dev.muster.runbooks.schedule.Cron;
import dev.muster.runbooks.schedule.CronException;
import dev.muster.runbooks.schedule.Overlap;
import dev.muster.runbooks.schedule.Schedule;
import dev.muster.runbooks.schedule.Timetable;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a {@code kind: Schedule} document means, beyond what its schema says. */
final class ScheduleReader {
    /** Whether a zone's clocks can be followed is asked from then on, not from today: the same file, the same answer. */
    private static final Instant ZONES_FROM = Instant.parse("2026-01-01T00:00:00Z");

    private ScheduleReader() {}

    /** Tells every problem of the schedule alone that the JSON schema cannot see. */
    static void check(Fields schedule) {
        Fields spec = schedule.at("spec");
        crons(spec.at("cron"));
        zone(spec.at("timeZone"));
        within(spec.at("jitter"), Duration.ZERO, Schedule.LONGEST_JITTER, "0s to 12h");
        within(spec.at("catchUp"), Schedule.SHORTEST_CATCH_UP, Schedule.LONGEST_CATCH_UP, "1m to 7d");
    }

    private static void within(Fields field, Duration least, Duration most, String words) {
        field.text()
                .flatMap(Durations::parse)
                .filter(value -> value.compareTo(least) < 0 || value.compareTo(most) > 0)
                .ifPresent(value -> field.refuse(
                        "SCHEDULE_TIME_IMPOSSIBLE",
                        "It cannot be " + Durations.format(value) + ".",
                        "Write a duration from " + words + "."));
    }

    private static List<Cron> crons(Fields crons) {
        List<Cron> read = new ArrayList<>();
        for (Fields item : crons.items()) {
            // An empty one the schema has refused.
            item.text().filter(text -> !text.isEmpty()).ifPresent(text -> {
                try {
                    read.add(Cron.parse(text));
                } catch (CronException e) {
                    item.refuse(e.code(), String.valueOf(e.getMessage()), e.hint());
                }
            });
        }
        return read;
    }

    private static Optional<ZoneId> zone(Fields zone) {
        Optional<String> written = zone.text().filter(text -> !text.isEmpty());
        if (written.isEmpty()) {
            return Optional.empty();
        }
        Set<String> known = ZoneId.getAvailableZoneIds();
        // Java's own names, which Temporal's server does not have.
        if (!known.contains(written.get()) || written.get().startsWith("SystemV/")) {
            zone.refuse(
                    "UNKNOWN_TIME_ZONE",
                    "There is no time zone '" + CommonFields.shortened(written.get()) + "'.",
                    Nearest.of(written.get(), known)
                            .map(nearest -> "Did you mean '" + nearest + "'?")
                            .orElse("Write a name of the IANA list, such as UTC or Europe/Berlin; no offset: it forgets"
                                    + " when clocks change."));
            return Optional.empty();
        }
        ZoneId found = ZoneId.of(written.get());
        if (!Timetable.possible(found, ZONES_FROM)) {
            zone.refuse(
                    "TIME_ZONE_NOT_SUPPORTED",
                    "This zone's clocks change by other than one hour, which Temporal does not follow.",
                    "Write UTC, or a neighbouring zone.");
            return Optional.empty();
        }
        return Optional.of(found);
    }

    /**
     * The schedule, of a document without problems.
     *
     * @param system that it is for
     */
    static Schedule read(Fields schedule, String system) {
        Fields spec = schedule.at("spec");
        return new Schedule(
                schedule.at("metadata").at("name").required(),
                system,
                spec.at("runbook").required(),
                new Timetable(crons(spec.at("cron")), zone(spec.at("timeZone")).orElseThrow()),
                duration(spec.at("jitter"), Duration.ZERO),
                spec.at("overlap").text().map(Overlap::of).orElse(Overlap.SKIP),
                duration(spec.at("catchUp"), Schedule.DEFAULT_CATCH_UP),
                spec.at("paused").at("note").text(),
                spec.at("approval").written());
    }

    private static Duration duration(Fields field, Duration otherwise) {
        return field.text().flatMap(Durations::parse).orElse(otherwise);
    }
}
