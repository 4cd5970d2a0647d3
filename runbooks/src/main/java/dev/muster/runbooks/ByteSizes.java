package dev.muster.runbooks;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts of bytes as runbooks write them, in powers of 1000: {@code 500kB}, {@code 50MB}, {@code 2TB}. */
public final class ByteSizes {
    /** Also the pattern in the JSON schemas. */
    private static final Pattern FORM = Pattern.compile("([1-9]\\d{0,5})(kB|MB|GB|TB)");

    private static final Map<String, Long> UNITS =
            Map.of("kB", 1_000L, "MB", 1_000_000L, "GB", 1_000_000_000L, "TB", 1_000_000_000_000L);

    private ByteSizes() {}

    /** Empty if the text is not an amount. */
    public static Optional<Long> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        return matcher.matches()
                ? Optional.of(Long.parseLong(matcher.group(1)) * UNITS.getOrDefault(matcher.group(2), 1L))
                : Optional.empty();
    }
}
