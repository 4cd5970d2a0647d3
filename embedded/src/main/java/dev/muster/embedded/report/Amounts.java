package dev.muster.embedded.report;

import java.time.Duration;
import java.util.Locale;

/** Times and numbers as people read them. */
final class Amounts {
    private static final long SECONDS_PER_MINUTE = 60;
    private static final long SECONDS_PER_HOUR = 3_600;
    private static final long SHOWN_IN_TENTHS_FROM = 10;
    private static final long SHOWN_IN_MINUTES_FROM = 120;

    private Amounts() {}

    /** {@code 0.08 s}, {@code 47.3 s}, {@code 12 min 05 s}, {@code 1 h 02 min}; whole minutes and hours without a rest. */
    static String time(Duration duration) {
        double seconds = duration.toMillis() / 1000.0;
        if (seconds < SHOWN_IN_TENTHS_FROM) {
            return String.format(Locale.ROOT, "%.2f s", seconds);
        }
        if (seconds < SHOWN_IN_MINUTES_FROM) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        long whole = Math.round(seconds);
        return whole < SECONDS_PER_HOUR
                ? two(whole / SECONDS_PER_MINUTE, "min", whole % SECONDS_PER_MINUTE, "s")
                : two(whole / SECONDS_PER_HOUR, "h", whole % SECONDS_PER_HOUR / SECONDS_PER_MINUTE, "min");
    }

    /** A moment of a run, counted from its start: {@code +9.5 s}, {@code +12 min 05 s}. */
    static String offset(Duration duration) {
        double seconds = duration.toMillis() / 1000.0;
        return "+" + (seconds < SHOWN_IN_MINUTES_FROM ? String.format(Locale.ROOT, "%.1f s", seconds) : time(duration));
    }

    private static String two(long large, String unit, long small, String smallUnit) {
        return small == 0
                ? large + " " + unit
                : String.format(Locale.ROOT, "%d %s %02d %s", large, unit, small, smallUnit);
    }

    /** A promise: whole units only, {@code 15 min}. */
    static String promise(Duration duration) {
        long seconds = duration.toSeconds();
        if (duration.equals(Duration.ofSeconds(seconds)) && seconds < SECONDS_PER_MINUTE) {
            return seconds + " s";
        }
        if (duration.equals(Duration.ofMinutes(1))) {
            return "1 min";
        }
        return time(duration);
    }

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
