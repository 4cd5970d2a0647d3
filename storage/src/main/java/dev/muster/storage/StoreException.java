package dev.muster.storage;

/** Something about an object store went wrong: what, on what, and what to check next. */
public class StoreException extends RuntimeException {
    private final String code;
    private final String hint;

    /**
     * @param code stable, upper case, listed in docs/reference/errors.md, such as {@code STORE_FULL}
     * @param message what failed, on what
     * @param hint what the operator should check or do next
     */
    public StoreException(String code, String message, String hint) {
        super(message);
        this.code = code;
        this.hint = hint;
    }

    public StoreException(String code, String message, String hint, Throwable cause) {
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
