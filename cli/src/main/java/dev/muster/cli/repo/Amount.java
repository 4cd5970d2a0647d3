package dev.muster.cli.repo;

import java.util.Locale;

/** Sizes as people read them. */
public final class Amount {
    private Amount() {}

    /** Such as 512 B, 3.4 MB. */
    public static String bytes(long bytes) {
        if (bytes < 1_000) {
            return bytes + " B";
        }
        double value = bytes;
        for (String unit : new String[] {"kB", "MB", "GB"}) {
            value /= 1_000;
            if (value < 999.5) {
                return String.format(Locale.ROOT, "%.1f %s", value, unit);
            }
        }
        return String.format(Locale.ROOT, "%.1f TB", value / 1_000);
    }

    public static String count(long number, String one, String several) {
        return String.format(Locale.ROOT, "%,d %s", number, number == 1 ? one : several);
    }
}
