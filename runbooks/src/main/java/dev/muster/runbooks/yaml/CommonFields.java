package dev.muster.runbooks.yaml;

import dev.muster.runbooks.Durations;
import dev.muster.runbooks.Objectives;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.Set;

/** Fields that systems and runbooks write in the same way. */
final class CommonFields {
    private CommonFields() {}

    static Objectives.Overrides objectives(Fields objectives) {
        return new Objectives.Overrides(objective(objectives.at("rto")), objective(objectives.at("rpo")));
    }

    private static Optional<Duration> objective(Fields field) {
        Optional<Duration> value = field.text().flatMap(Durations::parse);
        if (value.isPresent() && !Objectives.possible(value.get())) {
            field.refuse(
                    "OBJECTIVE_IMPOSSIBLE",
                    "No objective can be " + Durations.format(value.get()) + ".",
                    "Write a duration from 1s to 30d.");
            return Optional.empty();
        }
        return value;
    }

    /** A moment with its zone: without one, two people at two desks mean two moments. */
    static Optional<Instant> time(Fields field) {
        Optional<String> written = field.text();
        if (written.isEmpty()) {
            return Optional.empty();
        }
        // The form that PostgreSQL's own log has, too.
        String text = written.get().replaceFirst("^(\\d{4}-\\d\\d-\\d\\d) ", "$1T");
        try {
            Instant time = OffsetDateTime.parse(text).toInstant();
            if (time.isBefore(Instant.EPOCH)) {
                throw new DateTimeException("before 1970");
            }
            return Optional.of(time);
        } catch (DateTimeException e) {
            if (isWithoutZone(text)) {
                field.refuse(
                        "TIME_WITHOUT_ZONE",
                        "The time has no zone.",
                        "Write the zone's offset: " + withSeconds(text) + "Z for UTC, or " + withSeconds(text)
                                + "+01:00.");
            } else {
                field.refuse(
                        "BAD_TIME", "This is not a moment.", "Write date, time and offset: 2026-11-21T10:00:00+01:00.");
            }
            return Optional.empty();
        }
    }

    private static boolean isWithoutZone(String text) {
        try {
            return text.contains("T")
                    ? LocalDateTime.parse(text).getYear() >= 0
                    : LocalDate.parse(text).getYear() >= 0;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static String withSeconds(String text) {
        return text.contains("T") ? text : text + "T00:00:00";
    }

    /** Tells a name that does not exist. */
    static void known(Fields field, String what, Set<String> names) {
        field.text()
                .filter(name -> !names.contains(name))
                .ifPresent(name -> field.refuse(
                        "UNKNOWN_" + what.toUpperCase(java.util.Locale.ROOT),
                        "There is no " + what + " '" + shortened(name) + "'.",
                        Nearest.hint("Known", name, names)));
    }

    static String shortened(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= 64 ? clean : clean.substring(0, 64) + "...";
    }
}
