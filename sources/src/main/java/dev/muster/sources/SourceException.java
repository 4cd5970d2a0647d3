package dev.muster.sources;

/** A tree or stream cannot be backed up, restored or compared: what, on what, and what to check next. */
public class SourceException extends RuntimeException {
    private final String code;
    private final String hint;

    /**
     * @param code stable, upper case, listed in docs/reference/errors.md
     * @param message what failed, on what
     * @param hint what the operator should check or do next
     */
    public SourceException(String code, String message, String hint) {
        super(message);
        this.code = code;
        this.hint = hint;
    }

    public SourceException(String code, String message, String hint, Throwable cause) {
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
