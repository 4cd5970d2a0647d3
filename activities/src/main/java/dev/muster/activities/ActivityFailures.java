package dev.muster.activities;

import dev.muster.activities.authority.AuthorityRefusedException;
import dev.muster.catalog.CatalogException;
import dev.muster.postgres.PostgresException;
import dev.muster.repository.RepositoryException;
import dev.muster.runbooks.RunbookException;
import dev.muster.storage.StoreException;
import dev.muster.workflows.FailureType;
import dev.muster.workflows.approval.ApprovalRefusedException;
import io.temporal.failure.ApplicationFailure;
import java.sql.SQLException;
import java.util.Set;

/** Tells the errors of the modules below in the workflow's words: does a retry help, what failed, what to check. */
final class ActivityFailures {
    private static final Set<String> DAMAGED = Set.of(
            "OBJECT_DAMAGED",
            "OBJECT_TOO_SHORT",
            "OBJECT_MISSING",
            "STORE_DAMAGED",
            "WRONG_KEY",
            "KEY_FILE_DAMAGED",
            "BAD_PAGE_CHECKSUM",
            "CONTROL_FILE_DAMAGED",
            "HISTORY_DAMAGED",
            "WAL_CONFLICT",
            "WAL_DAMAGED",
            "WAL_GAP",
            "WAL_FETCH_FAILED");

    private static final Set<String> CATALOG_NEVER_TAKES = Set.of("CATALOG_DATA_REFUSED", "DOCUMENT_UNSTORABLE");

    /** SQLSTATE classes of passing trouble: connection, serialisation, resources, operator's intervention. */
    private static final Set<String> PASSING_SQL_STATES = Set.of("08", "40", "53", "57");

    /** Of class 53, but no retry frees a disk. */
    private static final String SQL_DISK_FULL = "53100";

    private ActivityFailures() {}

    static ApplicationFailure translate(Exception error) {
        if (error instanceof PostgresException e) {
            return failure(e.code(), text(e), e.hint(), e);
        }
        if (error instanceof RepositoryException e) {
            return failure(e.code(), text(e), e.hint(), e);
        }
        if (error instanceof StoreException e) {
            return failure(e.code(), text(e), e.hint(), e);
        }
        if (error instanceof RunbookException e) {
            return failure(FailureType.REFUSED, e.code(), text(e), e.hint(), e);
        }
        if (error instanceof ApprovalRefusedException e) {
            // The folder of keys may be back in a moment: no reason to end a recovery.
            FailureType type =
                    e.code().equals("APPROVERS_UNREADABLE") ? FailureType.UNAVAILABLE : FailureType.NOT_AUTHORISED;
            return failure(type, e.code(), text(e), e.hint(), e);
        }
        if (error instanceof AuthorityRefusedException e) {
            return failure(FailureType.NOT_AUTHORISED, e.code(), text(e), e.hint(), e);
        }
        if (error instanceof CatalogException e) {
            return failure(type(e), e.code(), text(e), e.hint(), e);
        }
        if (error instanceof CheckFailedException e) {
            return failure(FailureType.CHECK_FAILED, e.code(), text(e), e.hint(), e);
        }
        if (error instanceof SQLException e) {
            return failure(
                    type(e),
                    "SQL_FAILED",
                    e.getMessage() + " (SQLSTATE " + e.getSQLState() + ")",
                    "Is the database up, and may the configured user do this?",
                    e);
        }
        return failure(
                FailureType.UNEXPECTED,
                "UNEXPECTED",
                String.valueOf(error),
                "Read the worker's log; this is a fault in Muster or its surroundings that it has no name for.",
                error);
    }

    /** The same failure, not to be tried again. */
    static ApplicationFailure last(ApplicationFailure failure) {
        return ApplicationFailure.newBuilder()
                .setType(failure.getType())
                .setMessage(failure.getOriginalMessage())
                .setNonRetryable(true)
                .setCause(failure.getCause())
                .build();
    }

    private static String text(Exception error) {
        String message = error.getMessage();
        return message == null ? error.getClass().getSimpleName() : message;
    }

    private static ApplicationFailure failure(String code, String message, String hint, Exception cause) {
        return failure(type(code, cause), code, message, hint, cause);
    }

    private static FailureType type(String code, Exception error) {
        // Two codes only wrap what says more: a file's object that is away for now, or is damaged; a query's SQLSTATE.
        if (code.equals("FILE_UNREADABLE") && error.getCause() instanceof RepositoryException object) {
            return type(object.code(), object);
        }
        if (code.equals("FILE_UNREADABLE") && error.getCause() instanceof StoreException store) {
            return type(store.code(), store);
        }
        if (code.equals("SQL_FAILED")) {
            return error.getCause() instanceof SQLException sql ? type(sql) : FailureType.UNAVAILABLE;
        }
        return PassingTrouble.is(code)
                ? FailureType.UNAVAILABLE
                : DAMAGED.contains(code) ? FailureType.DAMAGED : FailureType.REFUSED;
    }

    /** Of the catalogue a record can wait for everything that its operator may mend, but for the record itself. */
    private static FailureType type(CatalogException error) {
        return CATALOG_NEVER_TAKES.contains(error.code()) ? FailureType.REFUSED : FailureType.UNAVAILABLE;
    }

    /** A missing right or table is the same in a day; a server that starts is not. Without a SQLSTATE, none answered. */
    private static FailureType type(SQLException error) {
        String state = error.getSQLState();
        return state == null
                        || state.length() < 2
                        || (PASSING_SQL_STATES.contains(state.substring(0, 2)) && !state.equals(SQL_DISK_FULL))
                ? FailureType.UNAVAILABLE
                : FailureType.REFUSED;
    }

    private static ApplicationFailure failure(
            FailureType type, String code, String message, String hint, Exception cause) {
        return ApplicationFailure.newBuilder()
                .setType(type.name())
                .setMessage(code + ": " + message + " Hint: " + hint)
                .setNonRetryable(!type.retryable())
                .setCause(cause)
                .build();
    }
}
