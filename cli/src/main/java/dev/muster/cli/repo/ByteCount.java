package dev.muster.cli.repo;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people type them. */
final class ByteCount {
    private static final Pattern FORM = Pattern.compile("(\\d{1,15})\\s?(B|[kKMGT]i?B)?");

    private ByteCount() {}

    /** Such as 500, 50MB (millions), 50MiB, 10GB; empty if it is none, is zero, or is more than a long can hold. */
    static OptionalLong parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        String unit = Optional.ofNullable(matcher.group(2)).orElse("B");
        long base = unit.contains("i") ? 1024 : 1000;
        int power = unit.equals("B") ? 0 : "KMGT".indexOf(Character.toUpperCase(unit.charAt(0))) + 1;
        try {
            long bytes = Long.parseLong(matcher.group(1));
            for (int i = 0; i < power; i++) {
                bytes = Math.multiplyExact(bytes, base);
            }
            return bytes == 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
        } catch (ArithmeticException e) {
            return OptionalLong.empty();
        }
    }
}
