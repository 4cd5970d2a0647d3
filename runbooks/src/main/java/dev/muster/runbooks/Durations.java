package dev.muster.runbooks;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as runbooks write them: {@code 2d}, {@code 1h30m}, {@code 45s}; days, hours, minutes, seconds in order. */
public final class Durations {
    /** Also the pattern in the JSON schemas. */
    private static final Pattern FORM =
            Pattern.compile("(?=.)(?:(\\d{1,4})d)?(?:(\\d{1,4})h)?(?:(\\d{1,5})m)?(?:(\\d{1,7})s)?");

    private Durations() {}

    /** Empty if the text is not a duration. */
    public static Optional<Duration> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(Duration.ofDays(number(matcher, 1))
                .plusHours(number(matcher, 2))
                .plusMinutes(number(matcher, 3))
                .plusSeconds(number(matcher, 4)));
    }

    private static long number(Matcher matcher, int group) {
        String digits = matcher.group(group);
        return digits == null ? 0 : Long.parseLong(digits);
    }

    /** For people, in whole seconds: {@code 1 h 30 min}, {@code 45 s}; at most the two largest units. */
    public static String format(Duration duration) {
        long seconds = Math.abs(duration.toSeconds());
        String sign = duration.isNegative() && seconds > 0 ? "-" : "";
        if (seconds < 60) {
            return sign + seconds + " s";
        }
        if (seconds < 3600) {
            return sign + pair(seconds / 60, "min", seconds % 60, "s");
        }
        if (seconds < 86_400) {
            return sign + pair(seconds / 3600, "h", seconds % 3600 / 60, "min");
        }
        return sign + pair(seconds / 86_400, "d", seconds % 86_400 / 3600, "h");
    }

    private static String pair(long large, String largeUnit, long small, String smallUnit) {
        return large + " " + largeUnit + (small == 0 ? "" : " " + small + " " + smallUnit);
    }
}
