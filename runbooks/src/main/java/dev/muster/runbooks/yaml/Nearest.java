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

    /** Levenshtein's, where two swapped neighbours count as one slip. */
    private static int distance(String left, String right) {
        int[][] slips = new int[left.length() + 1][right.length() + 1];
        for (int i = 0; i <= left.length(); i++) {
            for (int j = 0; j <= right.length(); j++) {
                if (i == 0 || j == 0) {
                    slips[i][j] = i + j;
                    continue;
                }
                boolean same = left.charAt(i - 1) == right.charAt(j - 1);
                int least = Math.min(slips[i - 1][j], slips[i][j - 1]) + 1;
                least = Math.min(least, slips[i - 1][j - 1] + (same ? 0 : 1));
                if (i > 1
                        && j > 1
                        && left.charAt(i - 1) == right.charAt(j - 2)
                        && left.charAt(i - 2) == right.charAt(j - 1)) {
                    least = Math.min(least, slips[i - 2][j - 2] + 1);
                }
                slips[i][j] = least;
            }
        }
        return slips[left.length()][right.length()];
    }
}
