package dev.muster.api.intake;

import dev.muster.api.problem.ApiException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks of texts and numbers that a request carries, each naming the field or parameter that is wrong. */
public final class Texts {
    private static final int SHOWN = 60;
    private static final Instant LATEST = Instant.parse("9999-01-01T00:00:00Z");
    private static final String NO_TIME =
            "' is no time with a zone, such as 2026-11-21T03:00:00Z or 2026-11-21T04:00:00+01:00 (in a query %2B).";
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

    private Texts() {}

    /**
     * A required field.
     *
     * @throws ApiException FIELD_MISSING or FIELD_INVALID
     */
    public static String required(String field, @Nullable String value, int longest) {
        if (value == null || value.isBlank()) {
            throw missing(field);
        }
        return clean(field, value, longest);
    }

    /** @throws ApiException FIELD_MISSING if the value is absent */
    public static <T> T required(String field, @Nullable T value) {
        if (value == null) {
            throw missing(field);
        }
        return value;
    }

    private static ApiException missing(String field) {
        return new ApiException(
                        400,
                        "FIELD_MISSING",
                        "The field '" + field + "' is missing or empty.",
                        "See the request's schema in /v1/openapi.yaml.")
                .at(field);
    }

    /**
     * A text of which everything can be stored: no NUL, no half of a surrogate pair.
     *
     * @throws ApiException FIELD_INVALID
     */
    public static String clean(String field, String value, int longest) {
        if (value.length() > longest) {
            throw invalid(field, "is longer than " + longest + " characters.");
        }
        for (int position = 0; position < value.length(); position++) {
            char character = value.charAt(position);
            boolean pair = Character.isHighSurrogate(character)
                    && position + 1 < value.length()
                    && Character.isLowSurrogate(value.charAt(position + 1));
            if (pair) {
                position++;
            } else if (character == 0 || Character.isSurrogate(character)) {
                throw invalid(field, "holds a character that is no text.");
            }
        }
        return value;
    }

    /** @throws ApiException FIELD_INVALID */
    public static ApiException invalid(String field, String why) {
        return new ApiException(
                        400,
                        "FIELD_INVALID",
                        "The field '" + field + "' " + why,
                        "See the request's schema in /v1/openapi.yaml.")
                .at(field);
    }

    /** The page size, {@code standard} if not given. */
    public static int limit(@Nullable String value, int standard, int most) {
        if (value == null) {
            return standard;
        }
        if (!NUMBER.matcher(value).matches() || Integer.parseInt(value) < 1 || Integer.parseInt(value) > most) {
            throw parameter("limit", "A page has 1 to " + most + " entries, not '" + shortened(value) + "'.");
        }
        return Integer.parseInt(value);
    }

    /** A time with its zone; null if not given. */
    public static @Nullable Instant time(String name, @Nullable String value) {
        if (value == null) {
            return null;
        }
        return instant(value).orElseThrow(() -> parameter(name, "'" + shortened(value) + NO_TIME));
    }

    /**
     * A time with its zone in a field.
     *
     * @throws ApiException FIELD_INVALID
     */
    public static Instant moment(String field, String value) {
        return instant(value).orElseThrow(() -> invalid(field, "is wrong: '" + shortened(value) + NO_TIME));
    }

    private static Optional<Instant> instant(String value) {
        try {
            return Optional.of(OffsetDateTime.parse(value).toInstant())
                    .filter(time -> !time.isBefore(Instant.EPOCH) && !time.isAfter(LATEST));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** One of several words; null if not given. */
    public static @Nullable String word(String name, @Nullable String value, Predicate<String> known, String words) {
        if (value != null && !known.test(value)) {
            throw parameter(name, "'" + shortened(value) + "' is not one of " + words + ".");
        }
        return value;
    }

    /** A filter's text; null if not given. */
    public static @Nullable String filter(String name, @Nullable String value, int longest) {
        if (value != null
                && (value.isEmpty()
                        || value.length() > longest
                        || value.chars().anyMatch(Character::isISOControl)
                        || value.chars().anyMatch(character -> Character.isSurrogate((char) character)))) {
            throw parameter(name, "The value is empty, longer than " + longest + " characters, or no text.");
        }
        return value;
    }

    /** @throws ApiException PARAMETER_INVALID */
    public static ApiException parameter(String name, String why) {
        return new ApiException(
                        400,
                        "PARAMETER_INVALID",
                        "The parameter '" + name + "': " + why,
                        "See the parameters of this path in /v1/openapi.yaml.")
                .at(name);
    }

    /** For repeating in a message what somebody sent. */
    public static String shortened(String value) {
        String printable = value.codePoints()
                .limit(SHOWN)
                .map(point -> Character.isISOControl(point) || (point >= 0xD800 && point <= 0xDFFF) ? '?' : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return value.codePointCount(0, value.length()) > SHOWN ? printable + "…" : printable;
    }
}
