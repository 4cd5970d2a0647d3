package dev.muster.catalog;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells what a failed statement or connection means for whoever asked. */
final class DatabaseFailures {
    private static final Set<String> NO_TABLE = Set.of("42P01", "3F000", "42703");
    private static final Set<String> NO_LOGIN = Set.of("28000", "28P01", "3D000", "42501");
    /** Stopped by an operator or a crash, starting, or out of connections: what one waits for. */
    private static final Set<String> AWAY = Set.of("57P01", "57P02", "57P03", "53300");

    /** Classes of cardinality, data exception, constraint, syntax: the same again at each attempt. */
    private static final Set<String> DATA = Set.of("21", "22", "23", "42");

    private static final Set<String> TIMEOUT = Set.of("57014", "55P03");

    private DatabaseFailures() {}

    static RuntimeException translate(RuntimeException error, String where) {
        if (error instanceof CatalogException known) {
            return known;
        }
        SQLException sql = deepest(error);
        return sql == null ? error : translate(sql, error, where);
    }

    static CatalogException translate(SQLException sql, Throwable error, String where) {
        String state = sql.getSQLState() == null ? "" : sql.getSQLState();
        String said = sql.getMessage() + (state.isEmpty() ? "" : " (SQLSTATE " + state + ")");
        if (NO_TABLE.contains(state)) {
            return notMigrated(said, error);
        }
        if (NO_LOGIN.contains(state)) {
            return new CatalogException(
                    "CATALOG_LOGIN_FAILED",
                    "The catalogue's server does not let " + where + " in: " + said,
                    "Do database, user and password exist there, and may the user write in the schemas index and"
                            + " record?",
                    error);
        }
        if (TIMEOUT.contains(state)) {
            return new CatalogException(
                    "CATALOG_TIMEOUT",
                    "The catalogue took too long: " + said,
                    "Is its server overloaded, or does somebody hold a lock? It can be tried again.",
                    error);
        }
        // Without a SQLSTATE nobody answered: the pool gave up waiting.
        if (state.isEmpty() || state.startsWith("08") || AWAY.contains(state)) {
            return new CatalogException(
                    "CATALOG_UNREACHABLE",
                    "The catalogue does not answer (" + where + "): " + said,
                    "Is its PostgreSQL up, and is the address right? Runs go on meanwhile and are recorded later.",
                    error);
        }
        if (state.length() == 5 && DATA.contains(state.substring(0, 2))) {
            return new CatalogException(
                    "CATALOG_DATA_REFUSED",
                    "The catalogue does not take this: " + said,
                    "This is a fault in Muster: it sent what its own tables forbid. Please report it.",
                    error);
        }
        return new CatalogException(
                "CATALOG_FAILED",
                "The catalogue refused a statement: " + said,
                "Read the log of its PostgreSQL; is its disk full, is it read-only?",
                error);
    }

    static CatalogException notMigrated(String said, @Nullable Throwable cause) {
        String message = "The catalogue's tables are not there or too old: " + said;
        String hint = "Run 'muster catalog migrate' with this version of Muster.";
        return cause == null
                ? new CatalogException("CATALOG_NOT_MIGRATED", message, hint)
                : new CatalogException("CATALOG_NOT_MIGRATED", message, hint, cause);
    }

    /** The driver's own words lie below those of the pool and of jdbi. */
    private static @Nullable SQLException deepest(Throwable error) {
        SQLException found = null;
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                found = sql;
            }
        }
        return found;
    }
}
