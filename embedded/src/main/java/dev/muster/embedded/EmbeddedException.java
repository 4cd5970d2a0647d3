package dev.muster.embedded;

/** Something about the embedded stack went wrong: what, on what, and what to check next. */
public class EmbeddedException extends RuntimeException {
    private final String code;
    private final String hint;

    /**
     * @param code stable, upper case, listed in docs/reference/errors.md, such as {@code CHILD_NOT_READY}
     * @param message what failed, on what
     * @param hint what the operator should check or do next
     */
    public EmbeddedException(String code, String message, String hint) {
        super(message);
        this.code = code;
        this.hint = hint;
    }

    public EmbeddedException(String code, String message, String hint, Throwable cause) {
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
