package dev.muster.activities;

import dev.muster.activities.authority.AuthorityRefusedException;
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
    /** What may be back after a while. Everything else with a code of ours stays as it is however often it is tried. */
    private static final Set<String> MAY_COME_BACK = Set.of(
            "STORE_UNREACHABLE",
            "STORE_MISSING",
            "STORE_FULL",
            "DATABASE_UNREACHABLE",
            "SERVER_UNREACHABLE",
            "POSTGRES_PROGRAM_FAILED",
            "RECOVERY_STOPPED",
            "WAL_NOT_STORED",
            "INTERRUPTED");

    private static final Set<String> DAMAGED =
            Set.of("OBJECT_DAMAGED", "BAD_PAGE_CHECKSUM", "WAL_CONFLICT", "WAL_DAMAGED", "BACKUP_DAMAGED");

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
            return failure(FailureType.NOT_AUTHORISED, e.code(), text(e), e.hint(), e);
        }
        if (error instanceof AuthorityRefusedException e) {
            return failure(FailureType.NOT_AUTHORISED, e.code(), text(e), e.hint(), e);
        }
        if (error instanceof CheckFailedException e) {
            return failure(FailureType.CHECK_FAILED, e.code(), text(e), e.hint(), e);
        }
        if (error instanceof SQLException e) {
            return failure(
                    FailureType.UNAVAILABLE,
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
        FailureType type = MAY_COME_BACK.contains(code)
                ? FailureType.UNAVAILABLE
                : DAMAGED.contains(code) ? FailureType.DAMAGED : FailureType.REFUSED;
        return failure(type, code, message, hint, cause);
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
