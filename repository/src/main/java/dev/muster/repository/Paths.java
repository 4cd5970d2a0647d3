package dev.muster.repository;

import java.util.Locale;
import java.util.regex.Pattern;

/** Where the objects of a repository are. */
final class Paths {
    static final String REPOSITORY = "repo.json";

    private static final Pattern SOURCE = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final Pattern WRITER = Pattern.compile("[a-z0-9][a-z0-9.-]{0,62}");
    private static final Pattern ULID = Pattern.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}");

    private Paths() {}

    static String source(String source) {
        if (!SOURCE.matcher(source).matches()) {
            throw invalid("source", source, "a-z, 0-9 and -, at most 63, not beginning with -");
        }
        return source;
    }

    static String backups(String source) {
        return "src/" + source(source) + "/b/";
    }

    static String backup(String source, String id) {
        if (!ULID.matcher(id).matches()) {
            throw invalid("backup id", id, "a ULID: 26 characters of 0-9 and A-Z without I, L, O, U");
        }
        return backups(source) + id + "/";
    }

    static String pack(String source, String id, int number) {
        return backup(source, id) + String.format(Locale.ROOT, "p-%08x.pack", number);
    }

    static String map(String source, String id, int number) {
        return backup(source, id) + String.format(Locale.ROOT, "map-%04x", number);
    }

    static String manifest(String source, String id) {
        return backup(source, id) + "manifest";
    }

    static String commit(String source, String id) {
        return backup(source, id) + "COMMIT";
    }

    static String lease(String writer, String id) {
        if (!WRITER.matcher(writer).matches()) {
            throw invalid("writer's name", writer, "a-z, 0-9, . and -, at most 63, not beginning with . or -");
        }
        return "lease/" + writer + "/" + id;
    }

    private static RepositoryException invalid(String what, String text, String form) {
        String shown = text.length() > 100 ? text.substring(0, 100) + "..." : text;
        return new RepositoryException("INVALID_NAME", "Not a " + what + ": '" + shown + "'.", "Use " + form + ".");
    }
}
