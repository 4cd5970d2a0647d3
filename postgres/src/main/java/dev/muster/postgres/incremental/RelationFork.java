package dev.muster.postgres.incremental;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fork of a relation, as its files and WAL name it.
 *
 * @param tablespace oid
 * @param database oid; 0 for what all databases share
 * @param relation relfilenode
 * @param fork 0 main, 1 free space map, 2 visibility map, 3 init
 */
public record RelationFork(long tablespace, long database, long relation, int fork) {
    public static final int MAIN = 0;

    private static final long DEFAULT_TABLESPACE = 1663;
    private static final long GLOBAL_TABLESPACE = 1664;

    private static final Pattern GLOBAL = Pattern.compile("global/(\\d+)(_fsm|_vm|_init)?(?:\\.\\d+)?");
    private static final Pattern BASE = Pattern.compile("base/(\\d+)/(\\d+)(_fsm|_vm|_init)?(?:\\.\\d+)?");
    private static final Pattern ELSEWHERE =
            Pattern.compile("pg_tblspc/(\\d+)/[^/]+/(\\d+)/(\\d+)(_fsm|_vm|_init)?(?:\\.\\d+)?");

    /** Whose file a path below the data directory is; empty if it is no relation's. */
    public static Optional<RelationFork> ofFile(String path) {
        Matcher base = BASE.matcher(path);
        if (base.matches()) {
            return Optional.of(
                    new RelationFork(DEFAULT_TABLESPACE, number(base, 1), number(base, 2), fork(base.group(3))));
        }
        Matcher global = GLOBAL.matcher(path);
        if (global.matches()) {
            return Optional.of(new RelationFork(GLOBAL_TABLESPACE, 0, number(global, 1), fork(global.group(2))));
        }
        Matcher elsewhere = ELSEWHERE.matcher(path);
        if (elsewhere.matches()) {
            return Optional.of(new RelationFork(
                    number(elsewhere, 1), number(elsewhere, 2), number(elsewhere, 3), fork(elsewhere.group(4))));
        }
        return Optional.empty();
    }

    private static long number(Matcher matcher, int group) {
        return Long.parseLong(matcher.group(group));
    }

    private static int fork(@org.jspecify.annotations.Nullable String suffix) {
        if (suffix == null) {
            return MAIN;
        }
        return switch (suffix) {
            case "_fsm" -> 1;
            case "_vm" -> 2;
            default -> 3;
        };
    }
}
