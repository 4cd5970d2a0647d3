package dev.muster.repository;

import dev.muster.repository.layout.ObjectName;
import java.util.regex.Pattern;

/**
 * Where the objects of a repository are. Its methods throw {@link RepositoryException} INVALID_NAME for what is no name.
 */
public final class Paths {
    /** What a mark's name begins with; a ULID follows. */
    public static final String KEEP = "KEEP-";

    /** The same, of the mark of a backup that expiry takes away. */
    public static final String EXPIRE = "EXPIRE-";

    static final String REPOSITORY = ObjectName.REPOSITORY;

    private static final Pattern SOURCE = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final Pattern WRITER = Pattern.compile("[a-z0-9][a-z0-9.-]{0,62}");
    private static final Pattern ULID = Pattern.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}");

    private Paths() {}

    public static String source(String source) {
        if (!SOURCE.matcher(source).matches()) {
            throw invalid("source", source, "a-z, 0-9 and -, at most 63, not beginning with -");
        }
        return source;
    }

    public static String backups(String source) {
        return ObjectName.backups(source(source));
    }

    public static String backup(String source, String id) {
        return ObjectName.backup(source(source), ulid("backup id", id));
    }

    public static String pack(String source, String id, int number) {
        return ObjectName.pack(source(source), ulid("backup id", id), number);
    }

    public static String map(String source, String id, int number) {
        return ObjectName.map(source(source), ulid("backup id", id), number);
    }

    public static String manifest(String source, String id) {
        return ObjectName.manifest(source(source), ulid("backup id", id));
    }

    public static String commit(String source, String id) {
        return ObjectName.commit(source(source), ulid("backup id", id));
    }

    public static String lease(String writer, String id) {
        if (!WRITER.matcher(writer).matches()) {
            throw invalid("writer's name", writer, "a-z, 0-9, . and -, at most 63, not beginning with . or -");
        }
        return "lease/" + writer + "/" + id;
    }

    /** @param mark a ULID */
    public static String keep(String source, String id, String mark) {
        return backup(source, id) + KEEP + ulid("mark", mark);
    }

    /** @param mark a ULID */
    public static String expire(String source, String id, String mark) {
        return backup(source, id) + EXPIRE + ulid("mark", mark);
    }

    private static String ulid(String what, String id) {
        if (!ULID.matcher(id).matches()) {
            throw invalid(what, id, "a ULID: 26 characters of 0-9 and A-Z without I, L, O, U");
        }
        return id;
    }

    private static RepositoryException invalid(String what, String text, String form) {
        String shown = text.length() > 100 ? text.substring(0, 100) + "..." : text;
        return new RepositoryException("INVALID_NAME", "Not a " + what + ": '" + shown + "'.", "Use " + form + ".");
    }
}
