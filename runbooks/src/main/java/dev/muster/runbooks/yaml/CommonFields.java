package dev.muster.runbooks.yaml;

import dev.muster.runbooks.Durations;
import dev.muster.runbooks.Objectives;
import dev.muster.runbooks.SecretReference;
import dev.muster.runbooks.SystemDescription;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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

    /** Tells what a kind of item needs and lacks, and what it has and no such item can have. */
    static void only(Fields item, String what, List<String> required, List<String> optional) {
        for (String name : required) {
            if (!item.at(name).written()) {
                item.refuse("MISSING_FIELD", what + " needs '" + name + "'.", "Add it.");
            }
        }
        List<String> known = Stream.concat(required.stream(), optional.stream()).toList();
        for (String name : item.names()) {
            if (!known.contains(name)) {
                item.at(name)
                        .refuseKey(
                                "UNKNOWN_FIELD",
                                what + " has no such field.",
                                "Take it out. It has: " + String.join(", ", known) + ".");
            }
        }
    }

    /** Tells a secret that stands where its reference goes. */
    static void secret(Fields secret) {
        secret.text()
                .filter(text -> !SecretReference.possible(text))
                .ifPresent(text -> secret.refuse(
                        "SECRET_IN_PLAIN",
                        "Here goes a reference to a secret, never the secret.",
                        "Write env:NAME or file:/absolute/path; the worker that uses it resolves it there."
                                + " If this was a real secret, change it."));
    }

    /** The secret's reference, of a document without problems. */
    static @Nullable SecretReference secretOf(Fields secret) {
        return secret.text().map(SecretReference::new).orElse(null);
    }

    /** How a database is connected to, of a document without problems. */
    static SystemDescription.Connection connection(Fields connection) {
        return new SystemDescription.Connection(
                connection.at("host").required(),
                connection.at("port").whole().orElseThrow().intValue(),
                connection.at("user").required(),
                connection.at("database").required(),
                secretOf(connection.at("password")));
    }

    /** Tells a duration outside of its bounds. */
    static void between(Fields duration, long least, long most) {
        duration.text()
                .flatMap(Durations::parse)
                .filter(value -> value.toSeconds() < least || value.toSeconds() > most)
                .ifPresent(value -> duration.refuse(
                        "BAD_VALUE",
                        "This cannot be " + Durations.format(value) + ".",
                        "Write a duration from " + least + "s to " + most + "s."));
    }

    /** Seconds, of a document without problems. */
    static long seconds(Fields duration, long otherwise) {
        return duration.text()
                .flatMap(Durations::parse)
                .map(Duration::toSeconds)
                .orElse(otherwise);
    }

    /** Tells an address that is none, or that holds a password, and mentions its host. */
    static void url(Fields url) {
        url.text().filter(text -> text.length() >= 8).ifPresent(text -> {
            Optional<URI> parsed = uri(text);
            if (parsed.map(URI::getRawUserInfo).isPresent() || text.matches("[a-z]+://[^/]*@.*")) {
                url.refuse(
                        "SECRET_IN_PLAIN",
                        "An address holds no user or password.",
                        "Take them out. If this was a real secret, change it.");
            } else if (parsed.isEmpty()) {
                url.refuse("BAD_VALUE", "This is not an address.", "Write http:// or https://, a host, and a path.");
            } else {
                url.mention(parsed.get().getHost());
            }
        });
    }

    private static Optional<URI> uri(String text) {
        try {
            URI parsed = new URI(text);
            boolean web = "http".equals(parsed.getScheme()) || "https".equals(parsed.getScheme());
            return web && parsed.getHost() != null ? Optional.of(parsed) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
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
