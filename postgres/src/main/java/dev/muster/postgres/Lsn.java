package dev.muster.postgres;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A position in the write-ahead log, in bytes, compared unsigned. Written as PostgreSQL writes it: two hexadecimal
 * halves of 32 bits, {@code 16/B374D848}.
 */
public record Lsn(long value) implements Comparable<Lsn> {
    /** PostgreSQL's InvalidXLogRecPtr: no position. */
    public static final Lsn INVALID = new Lsn(0);

    private static final Pattern FORM = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

    /** @throws IllegalArgumentException if the text is not two hexadecimal halves */
    public static Lsn parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("Not a WAL position: '" + text + "'. Expected a form like 16/B374D848.");
        }
        return new Lsn(Long.parseLong(matcher.group(1), 16) << 32 | Long.parseLong(matcher.group(2), 16));
    }

    public Lsn plus(long bytes) {
        return new Lsn(value + bytes);
    }

    /** Bytes from {@code earlier} to this; negative if this is the earlier one. */
    public long minus(Lsn earlier) {
        return value - earlier.value;
    }

    public boolean isAfter(Lsn other) {
        return compareTo(other) > 0;
    }

    public boolean isBefore(Lsn other) {
        return compareTo(other) < 0;
    }

    /** The start of the segment that holds this position. */
    public Lsn segmentStart(int segmentSize) {
        return new Lsn(value - Long.remainderUnsigned(value, segmentSize));
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%X/%X", value >>> 32, value & 0xFFFFFFFFL);
    }
}
