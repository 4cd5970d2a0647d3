package dev.muster.repository;

/** Something about a repository or a backup in it went wrong: what, on what, and what to check next. */
public class RepositoryException extends RuntimeException {
    private final String code;
    private final String hint;

    /**
     * @param code stable, upper case, listed in docs/reference/errors.md, such as {@code OBJECT_DAMAGED}
     * @param message what failed, on what
     * @param hint what the operator should check or do next
     */
    public RepositoryException(String code, String message, String hint) {
        super(message);
        this.code = code;
        this.hint = hint;
    }

    public RepositoryException(String code, String message, String hint, Throwable cause) {
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
