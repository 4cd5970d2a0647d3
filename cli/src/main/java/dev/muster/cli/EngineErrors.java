package dev.muster.cli;

import dev.muster.postgres.PostgresException;
import dev.muster.repository.RepositoryException;
import dev.muster.sources.SourceException;
import dev.muster.storage.StoreException;
import java.util.Optional;
import java.util.Set;

/** What the engine's own errors are to an operator: their codes and hints as they are, and an exit code. */
final class EngineErrors {
    /** Nothing was begun; the command line has to say something else. */
    private static final Set<String> BAD_INPUT = Set.of(
            "AUTHENTICATION_FAILED",
            "BACKUP_NOT_COMMITTED",
            "BACKUP_UNKNOWN",
            "DATA_DIRECTORY_MISMATCH",
            "INVALID_NAME",
            "KEY_FILE_DAMAGED",
            "KEY_FILE_EXISTS",
            "KEY_FILE_IN_STORE",
            "KEY_FILE_MISSING",
            "KEY_FILE_UNREADABLE",
            "KEY_FILE_UNWRITABLE",
            "KEY_REFERENCE_INVALID",
            "KEY_NOT_OPEN",
            "KEY_SLOT_UNKNOWN",
            "KEY_SLOT_UNPROVEN",
            "MARK_INVALID",
            "NOT_A_FILE_BACKUP",
            "NOT_A_POSTGRES_BACKUP",
            "NOT_A_REPOSITORY",
            "PARENT_UNSUITABLE",
            "PASSPHRASE_MISSING",
            "PASSPHRASE_TOO_SHORT",
            "PASSWORD_IN_CONNECTION",
            "PATH_NOT_IN_BACKUP",
            "REPLICA_IS_ORIGIN",
            "REPOSITORY_EXISTS",
            "RETENTION_INVALID",
            "ROTATION_LEAVES_OUT",
            "RULES_INVALID",
            "RULES_UNREADABLE",
            "SECRET_MISSING",
            "SLOT_NAME_INVALID",
            "SOURCE_NOT_A_DIRECTORY",
            "SOURCE_OF_OTHER_KIND",
            "SPOOL_UNKNOWN",
            "STORE_MISSING",
            "STORE_URL_INVALID",
            "STREAM_EMPTY",
            "TARGET_BEFORE_BACKUP",
            "TARGET_IN_FUTURE",
            "SYSTEM_MISMATCH",
            "TABLESPACE_PLACE_REFUSED",
            "TARGET_IN_USE",
            "TARGET_NOT_EMPTY",
            "TARGET_UNREACHABLE",
            "TIMELINE_NOT_REACHABLE",
            "WAL_WINDOW_INVALID",
            "WRONG_KEY");

    private static final Set<String> UNREACHABLE = Set.of("CONNECTION_FAILED", "STORE_UNREACHABLE", "KMS_UNREACHABLE");

    /** An error in three parts. */
    record Told(String code, String message, String hint, int exitCode) {}

    private EngineErrors() {}

    /** Empty if it is none of the engine's. */
    static Optional<Told> of(Exception error) {
        if (error instanceof StoreException known) {
            return Optional.of(told(known.code(), known, known.hint()));
        }
        if (error instanceof RepositoryException known) {
            return Optional.of(told(known.code(), known, known.hint()));
        }
        if (error instanceof PostgresException known) {
            return Optional.of(told(known.code(), known, known.hint()));
        }
        if (error instanceof SourceException known) {
            return Optional.of(told(known.code(), known, known.hint()));
        }
        return Optional.empty();
    }

    private static Told told(String code, Exception error, String hint) {
        int exit = UNREACHABLE.contains(code)
                ? ExitCode.UNREACHABLE
                : BAD_INPUT.contains(code) ? ExitCode.BAD_INPUT : ExitCode.FAILED;
        String message = String.valueOf(error.getMessage());
        return new Told(code, message.endsWith(".") ? message : message + ".", hint, exit);
    }
}
