package dev.muster.runbooks.yaml;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** The known word that somebody most likely meant. */
final class Nearest {
    private static final int LONGEST = 64;

    private Nearest() {}

    /** {@code Did you mean 'x'?}, else the list of what is known. */
    static String hint(String what, String written, Collection<String> known) {
        if (known.isEmpty()) {
            return "None is known here.";
        }
        return of(written, known)
                .map(nearest -> "Did you mean '" + nearest + "'?")
                .orElseGet(() -> what + ": " + String.join(", ", known) + ".");
    }

    static Optional<String> of(String written, Collection<String> known) {
        if (written.length() > LONGEST) {
            return Optional.empty();
        }
        String lower = written.toLowerCase(Locale.ROOT);
        return known.stream()
                .min(Comparator.comparingInt(word -> distance(lower, word.toLowerCase(Locale.ROOT))))
                .filter(word -> distance(lower, word.toLowerCase(Locale.ROOT))
                        <= Math.max(1, Math.min(word.length(), written.length()) / 3));
    }

    /** Levenshtein's. */
    private static int distance(String left, String right) {
        int[] previous = new int[right.length() + 1];
        for (int j = 0; j <= right.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int[] current = new int[right.length() + 1];
            current[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int replaced = previous[j - 1] + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[right.length()];
    }
}
