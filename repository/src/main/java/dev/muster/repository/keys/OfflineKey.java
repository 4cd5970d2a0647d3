package dev.muster.repository.keys;

import dev.muster.repository.RepositoryException;
import dev.muster.repository.encryption.Secret;
import dev.muster.repository.frames.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;

/**
 * A key file as text for paper, to be typed in again by a person: four lines, each with its own checksum, so that a
 * mistake is found in its line. What was typed is a key file as it is.
 */
public final class OfflineKey {
    private static final String TAG = "MUSTER-OFFLINE-KEY-1";
    private static final int LINES = 4;
    private static final int DIGITS = 16;
    private static final int CHECK = 4;
    private static final char HARD_SPACE = '\u00A0';

    private OfflineKey() {}

    /** Whoever reads it has the key. */
    public static String text(KeyFile key) {
        String digits = HexFormat.of().formatHex(key.secret().bytes());
        StringBuilder text = new StringBuilder(TAG + " " + key.id() + "\n");
        for (int line = 1; line <= LINES; line++) {
            String part = digits.substring((line - 1) * DIGITS, line * DIGITS);
            text.append(line).append("  ");
            for (int at = 0; at < DIGITS; at += CHECK) {
                text.append(part, at, at + CHECK).append(' ');
            }
            text.append(' ').append(check(line, part)).append('\n');
        }
        return text.toString();
    }

    static boolean looksLike(String text) {
        return text.stripLeading().toUpperCase(Locale.ROOT).startsWith("MUSTER-OFFLINE");
    }

    static Secret parse(Path path, String text) {
        String[] lines = text.replace(HARD_SPACE, ' ').strip().split("\\s*\n\\s*");
        String head = lines[0].strip();
        if (lines.length != LINES + 1 || !head.toUpperCase(Locale.ROOT).startsWith(TAG + " ")) {
            throw mistyped(path, "it must have " + TAG + " and an id in its first line, and " + LINES + " more lines");
        }
        StringBuilder digits = new StringBuilder();
        for (int line = 1; line <= LINES; line++) {
            digits.append(part(path, line, lines[line]));
        }
        Secret secret = new Secret(HexFormat.of().parseHex(digits));
        if (!KeyFile.id(secret).equals(hexadecimal(head.substring(TAG.length())))) {
            throw mistyped(path, "the id in its first line is not that of the key in the others");
        }
        return secret;
    }

    private static String part(Path path, int number, String line) {
        String typed = hexadecimal(line);
        String form = number + "[0-9a-f]{" + (DIGITS + CHECK) + "}";
        if (!typed.matches(form)) {
            throw mistyped(
                    path, "line " + number + " must be " + number + ", four groups of four digits and four to check");
        }
        String part = typed.substring(1, 1 + DIGITS);
        if (!typed.substring(1 + DIGITS).equals(check(number, part))) {
            throw mistyped(path, "line " + number + " does not fit the four digits at its end");
        }
        return part;
    }

    /** What people type for digits on paper; none of these letters is a hexadecimal digit. */
    private static String hexadecimal(String typed) {
        return typed.toLowerCase(Locale.ROOT)
                .replaceAll("[\\s-]", "")
                .replace('o', '0')
                .replace('l', '1')
                .replace('i', '1');
    }

    private static String check(int line, String digits) {
        byte[] text = (TAG + "\n" + line + "\n" + digits).getBytes(StandardCharsets.US_ASCII);
        return Sha256.hash(text).toString().substring(0, CHECK);
    }

    private static RepositoryException mistyped(Path path, String why) {
        return new RepositoryException(
                "KEY_FILE_MISTYPED",
                "The key file " + path + " was typed in from paper with a mistake: " + why + ".",
                "Compare with the paper. Capitals and spaces do not matter, and o, l and i are taken for 0 and 1.");
    }
}
