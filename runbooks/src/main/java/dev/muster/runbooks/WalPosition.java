package dev.muster.runbooks;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A position in PostgreSQL's write-ahead log, in bytes, compared unsigned; written {@code 16/B374D848}, also in JSON,
 * where 64 bits would not survive as a number.
 */
public record WalPosition(long value) implements Comparable<WalPosition> {
    private static final Pattern FORM = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

    /** @throws IllegalArgumentException if the text is not two hexadecimal halves */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static WalPosition parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("Not a WAL position: '" + text + "'. Expected a form like 16/B374D848.");
        }
        return new WalPosition(Long.parseLong(matcher.group(1), 16) << 32 | Long.parseLong(matcher.group(2), 16));
    }

    /** Bytes from {@code earlier} to this; negative if this is the earlier one. */
    public long minus(WalPosition earlier) {
        return value - earlier.value;
    }

    public boolean isAfter(WalPosition other) {
        return compareTo(other) > 0;
    }

    public boolean isBefore(WalPosition other) {
        return compareTo(other) < 0;
    }

    @Override
    public int compareTo(WalPosition other) {
        return Long.compareUnsigned(value, other.value);
    }

    @JsonValue
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%X/%X", value >>> 32, value & 0xFFFFFFFFL);
    }
}
