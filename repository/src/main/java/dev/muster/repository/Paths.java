package dev.muster.repository;

import dev.muster.repository.layout.ObjectName;
import java.util.regex.Pattern;

/** Where the objects of a repository are, for names that come from outside: each is checked before a key is made of it. */
final class Paths {
    static final String REPOSITORY = ObjectName.REPOSITORY;

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
        return ObjectName.backups(source(source));
    }

    static String backup(String source, String id) {
        return ObjectName.backup(source(source), backup(id));
    }

    static String pack(String source, String id, int number) {
        return ObjectName.pack(source(source), backup(id), number);
    }

    static String map(String source, String id, int number) {
        return ObjectName.map(source(source), backup(id), number);
    }

    static String manifest(String source, String id) {
        return ObjectName.manifest(source(source), backup(id));
    }

    static String commit(String source, String id) {
        return ObjectName.commit(source(source), backup(id));
    }

    static String lease(String writer, String id) {
        if (!WRITER.matcher(writer).matches()) {
            throw invalid("writer's name", writer, "a-z, 0-9, . and -, at most 63, not beginning with . or -");
        }
        return "lease/" + writer + "/" + id;
    }

    private static String backup(String id) {
        if (!ULID.matcher(id).matches()) {
            throw invalid("backup id", id, "a ULID: 26 characters of 0-9 and A-Z without I, L, O, U");
        }
        return id;
    }

    private static RepositoryException invalid(String what, String text, String form) {
        String shown = text.length() > 100 ? text.substring(0, 100) + "..." : text;
        return new RepositoryException("INVALID_NAME", "Not a " + what + ": '" + shown + "'.", "Use " + form + ".");
    }
}
