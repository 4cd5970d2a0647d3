package dev.muster.runbooks.plan;

import java.util.Locale;

/** Amounts of bytes for people, in powers of 1000. */
final class Sizes {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

    private Sizes() {}

    static String format(long bytes) {
        if (Math.abs(bytes) < 1000) {
            return bytes + " B";
        }
        double amount = bytes;
        int unit = 0;
        while (Math.abs(amount) >= 999.5 && unit < UNITS.length - 1) {
            amount /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, Math.abs(amount) < 10 ? "%.1f %s" : "%.0f %s", amount, UNITS[unit]);
    }
}
