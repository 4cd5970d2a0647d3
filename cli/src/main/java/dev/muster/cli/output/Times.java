package dev.muster.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;

/** Times as people read them: ISO in UTC, to the second, with their age. */
public final class Times {
    private final Clock clock;

    public Times(Clock clock) {
        this.clock = clock;
    }

    /** The time in a field of the API's; empty if it is absent. */
    public static Optional<Instant> of(JsonNode field) {
        try {
            return field.isTextual() ? Optional.of(Instant.parse(field.textValue())) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Such as {@code 2026-11-21T03:00:00Z (5m ago)}; empty if the field is absent. */
    public String withAge(JsonNode field) {
        return of(field).map(this::withAge).orElse("");
    }

    public String withAge(Instant time) {
        Duration age = Duration.between(time, clock.instant());
        String words = age.isNegative() ? "in " + inWords(age.negated()) : inWords(age) + " ago";
        return time.truncatedTo(ChronoUnit.SECONDS) + " (" + words + ")";
    }

    /** The largest unit that fits, such as 12s, 5m, 3h, 9d. */
    public static String inWords(Duration duration) {
        if (duration.toSeconds() < 60) {
            return duration.toSeconds() + "s";
        }
        if (duration.toMinutes() < 60) {
            return duration.toMinutes() + "m";
        }
        return duration.toHours() < 48 ? duration.toHours() + "h" : duration.toDays() + "d";
    }

    /** How long something took, such as 0.8s, 4m 12s; empty if either field is absent. */
    public static String between(JsonNode from, JsonNode to) {
        return of(from).flatMap(begin -> of(to).map(end -> Duration.between(begin, end)))
                .map(Times::took)
                .orElse("");
    }

    private static String took(Duration duration) {
        if (duration.toSeconds() < 60) {
            return String.format(Locale.ROOT, "%.1fs", duration.toMillis() / 1000.0);
        }
        return duration.toMinutes() < 60
                ? duration.toMinutes() + "m " + duration.toSecondsPart() + "s"
                : duration.toHours() + "h " + duration.toMinutesPart() + "m";
    }
}
