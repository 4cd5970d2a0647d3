package dev.muster.sources.files;

import java.util.Arrays;
import java.util.List;

/**
 * A pattern for paths: {@code *} any characters but a slash, {@code ?} one, {@code [a-z]} and {@code [!a-z]} one of a
 * set, {@code **} as a whole part any number of parts, a backslash takes the next character as it is. Without a slash
 * inside it is for names anywhere, otherwise it begins at the root of the tree; a slash at the end asks for a directory.
 */
final class Glob {
    static final int MAX_LENGTH = 4_096;

    private final List<String> parts;
    private final boolean anywhere;
    private final boolean directory;

    private Glob(List<String> parts, boolean anywhere, boolean directory) {
        this.parts = parts;
        this.anywhere = anywhere;
        this.directory = directory;
    }

    /** @throws IllegalArgumentException saying what is wrong */
    static Glob of(String pattern) {
        boolean directory = pattern.endsWith("/");
        String body = directory ? pattern.substring(0, pattern.length() - 1) : pattern;
        boolean anywhere = body.indexOf('/') < 0;
        body = body.startsWith("/") ? body.substring(1) : body;
        if (body.isEmpty() || pattern.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a pattern has 1 to " + MAX_LENGTH + " characters");
        }
        List<String> parts = Arrays.asList(body.split("/", -1));
        for (String part : parts) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                throw new IllegalArgumentException("a pattern has no empty part, no '.' and no '..'");
            }
            check(part);
        }
        return new Glob(parts, anywhere, directory);
    }

    private static void check(String part) {
        for (int at = 0; at < part.length(); at = after(part, at)) {
            if (part.charAt(at) == '\\' && at + 1 == part.length()) {
                throw new IllegalArgumentException("nothing follows the last backslash");
            }
            if (part.charAt(at) == '[' && end(part, at) < 0) {
                throw new IllegalArgumentException("'[' without ']'");
            }
        }
    }

    boolean matches(List<String> path, boolean isDirectory) {
        if (directory && !isDirectory) {
            return false;
        }
        return anywhere
                ? part(parts.get(0), path.get(path.size() - 1)) || parts.get(0).equals("**")
                : parts(path, path.size(), false);
    }

    /** Whether it could match something below a directory. */
    boolean mayMatchBelow(List<String> path) {
        return anywhere || parts(path, path.size(), true);
    }

    /** As for characters, with ** as the star; each part is compared at most once for each part of the pattern. */
    private boolean parts(List<String> path, int length, boolean prefix) {
        boolean[] reached = new boolean[parts.size() + 1];
        reached[0] = true;
        passStars(reached);
        for (int i = 0; i < length; i++) {
            boolean[] next = new boolean[parts.size() + 1];
            for (int p = 0; p < parts.size(); p++) {
                if (reached[p] && parts.get(p).equals("**")) {
                    next[p] = true;
                } else if (reached[p] && part(parts.get(p), path.get(i))) {
                    next[p + 1] = true;
                }
            }
            passStars(next);
            reached = next;
        }
        if (!prefix) {
            return reached[parts.size()];
        }
        for (int p = 0; p < parts.size(); p++) {
            if (reached[p]) {
                return true;
            }
        }
        return false;
    }

    /** Two stars stand for no part, too. */
    private void passStars(boolean[] reached) {
        for (int p = 0; p < parts.size(); p++) {
            if (reached[p] && parts.get(p).equals("**")) {
                reached[p + 1] = true;
            }
        }
    }

    /** One name against one part; goes back to the last star only, so it takes length times length at most. */
    private static boolean part(String pattern, String name) {
        int p = 0;
        int n = 0;
        int star = -1;
        int starred = 0;
        while (n < name.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                starred = n;
            } else if (p < pattern.length() && one(pattern, p, name.charAt(n))) {
                p = after(pattern, p);
                n++;
            } else if (star >= 0) {
                p = star + 1;
                n = ++starred;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    private static int after(String pattern, int at) {
        return switch (pattern.charAt(at)) {
            case '\\' -> at + 2;
            case '[' -> Math.max(at, end(pattern, at)) + 1;
            default -> at + 1;
        };
    }

    /** Where a set ends; a bracket that comes first belongs to it. */
    private static int end(String pattern, int open) {
        int first = open + 1;
        if (first < pattern.length() && pattern.charAt(first) == '!') {
            first++;
        }
        return pattern.indexOf(']', first + 1);
    }

    private static boolean one(String pattern, int at, char c) {
        return switch (pattern.charAt(at)) {
            case '?' -> true;
            case '\\' -> pattern.charAt(at + 1) == c;
            case '[' -> inSet(pattern.substring(at + 1, end(pattern, at)), c);
            default -> pattern.charAt(at) == c;
        };
    }

    private static boolean inSet(String set, char c) {
        boolean not = set.startsWith("!");
        boolean in = false;
        for (int i = not ? 1 : 0; i < set.length(); i++) {
            if (i + 2 < set.length() && set.charAt(i + 1) == '-') {
                in |= set.charAt(i) <= c && c <= set.charAt(i + 2);
                i += 2;
            } else {
                in |= set.charAt(i) == c;
            }
        }
        return in != not;
    }
}
