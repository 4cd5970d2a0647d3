package dev.muster.activities;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.activities.authority.AuthorityRefusedException;
import dev.muster.postgres.PostgresException;
import dev.muster.repository.RepositoryException;
import dev.muster.storage.StoreException;
import dev.muster.workflows.FailureType;
import io.temporal.failure.ApplicationFailure;
import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which failures are tried again. A code that is not in the table is refused: people look at it at once. */
class ActivityFailuresTest {
    private static void becomes(Exception error, FailureType type) {
        ApplicationFailure failure = ActivityFailures.translate(error);
        assertThat(failure.getType()).as(error.toString()).isEqualTo(type.name());
        assertThat(failure.isNonRetryable()).isNotEqualTo(type.retryable());
    }

    @ParameterizedTest
    @CsvSource({
        "CONNECTION_FAILED, UNAVAILABLE",
        "CONNECTION_LOST, UNAVAILABLE",
        "SERVER_TIMEOUT, UNAVAILABLE",
        "POSTGRES_PROGRAM_FAILED, UNAVAILABLE",
        "RECOVERY_TIMEOUT, UNAVAILABLE",
        "WAL_NOT_ARCHIVED, UNAVAILABLE",
        "STORE_UNAVAILABLE, UNAVAILABLE",
        "ROW_RETURN_UNKNOWN, UNAVAILABLE",
        "CANCELLED, UNAVAILABLE",
        "INTERRUPTED, UNAVAILABLE",
        "SQL_FAILED, UNAVAILABLE",
        "RECOVERY_FAILED, REFUSED",
        "DISK_FULL, REFUSED",
        "RESTORE_WRITE_FAILED, REFUSED",
        "RESTORE_INCOMPLETE, REFUSED",
        "ROW_RETURN_FAILED, REFUSED",
        "ROWS_NOT_ON_COPY, REFUSED",
        "TARGET_NOT_REACHABLE, REFUSED",
        "TARGET_NOT_EMPTY, REFUSED",
        "AUTHENTICATION_FAILED, REFUSED",
        "SLOT_LOST, REFUSED",
        "FILE_UNREADABLE, REFUSED",
        "NEVER_HEARD_OF, REFUSED",
        "BAD_PAGE_CHECKSUM, DAMAGED",
        "CONTROL_FILE_DAMAGED, DAMAGED",
        "HISTORY_DAMAGED, DAMAGED",
        "WAL_CONFLICT, DAMAGED",
        "WAL_DAMAGED, DAMAGED",
        "WAL_FETCH_FAILED, DAMAGED",
        "WAL_GAP, DAMAGED"
    })
    void aCodeOfPostgresDecidesWhetherItIsTriedAgain(String code, FailureType type) {
        becomes(new PostgresException(code, "what failed", "what to check"), type);
    }

    @ParameterizedTest
    @CsvSource({
        "STORE_UNREACHABLE, UNAVAILABLE",
        "STORE_MISSING, UNAVAILABLE",
        "STORE_THROTTLED, UNAVAILABLE",
        "KEY_SLOT_UNREADABLE, UNAVAILABLE",
        "UPLOAD_LOST, UNAVAILABLE",
        "BACKUP_ABORTED, UNAVAILABLE",
        "OBJECT_UNREADABLE, UNAVAILABLE",
        "STORE_FULL, REFUSED",
        "STORE_DENIED, REFUSED",
        "OBJECT_EXISTS, REFUSED",
        "BACKUP_UNKNOWN, REFUSED",
        "OBJECT_DAMAGED, DAMAGED",
        "OBJECT_MISSING, DAMAGED",
        "OBJECT_TOO_SHORT, DAMAGED",
        "STORE_DAMAGED, DAMAGED",
        "WRONG_KEY, DAMAGED",
        "KEY_FILE_DAMAGED, DAMAGED"
    })
    void aCodeOfTheStoreOrRepositoryDecidesWhetherItIsTriedAgain(String code, FailureType type) {
        becomes(new StoreException(code, "what failed", "what to check"), type);
        becomes(new RepositoryException(code, "what failed", "what to check"), type);
        becomes(
                new RepositoryException(
                        "FILE_UNREADABLE",
                        "the file",
                        "what to check",
                        new RepositoryException(code, "its object", "what to check")),
                type);
    }

    @ParameterizedTest
    @CsvSource({
        "08006, UNAVAILABLE",
        "57P03, UNAVAILABLE",
        "53300, UNAVAILABLE",
        "40001, UNAVAILABLE",
        "53100, REFUSED",
        "42501, REFUSED",
        "42P01, REFUSED",
        "23505, REFUSED"
    })
    void aQuerysStateDecidesWhetherItIsTriedAgain(String state, FailureType type) {
        SQLException error = new SQLException("what the server said", state);
        becomes(error, type);
        becomes(new PostgresException("SQL_FAILED", "the session", "what to check", error), type);
    }

    @Test
    void aFullDiskEndsTheRunWithItsHint() {
        ApplicationFailure failure =
                ActivityFailures.translate(new PostgresException("DISK_FULL", "The disk is full", "Free space."));
        assertThat(failure.getOriginalMessage()).isEqualTo("DISK_FULL: The disk is full Hint: Free space.");
        assertThat(failure.isNonRetryable()).isTrue();
    }

    @Test
    void whatHasNoCodeIsTriedAgainAndWhatIsNotAuthorisedOrDoesNotHoldIsNot() {
        becomes(new IOException("strange"), FailureType.UNEXPECTED);
        becomes(new SQLException("no answer at all"), FailureType.UNAVAILABLE);
        becomes(new AuthorityRefusedException("EPOCH_OLD", "old", "look"), FailureType.NOT_AUTHORISED);
        becomes(new CheckFailedException("CHECK_FAILED", "sums differ", "look"), FailureType.CHECK_FAILED);
    }
}
