package dev.muster.postgres;

/** Something about a PostgreSQL instance, its WAL or its backups went wrong: what, on what, and what to check next. */
public class PostgresException extends RuntimeException {
    private final String code;
    private final String hint;

    /**
     * @param code stable, upper case, listed in docs/reference/errors.md, such as {@code TARGET_BEFORE_BACKUP}
     * @param message what failed, on what
     * @param hint what the operator should check or do next
     */
    public PostgresException(String code, String message, String hint) {
        super(message);
        this.code = code;
        this.hint = hint;
    }

    public PostgresException(String code, String message, String hint, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.hint = hint;
    }

    public String code() {
        return code;
    }

    public String hint() {
        return hint;
    }
}
