package dev.muster.catalog;

/** The catalogue could not do what was asked of it: what, and what to check next. */
public final class CatalogException extends RuntimeException {
    private final String code;
    private final String hint;

    /**
     * @param code stable, upper case, listed in docs/reference/errors.md, such as {@code CATALOG_UNREACHABLE}
     * @param message what failed, on what
     * @param hint what the operator should check or do next
     */
    public CatalogException(String code, String message, String hint) {
        super(message);
        this.code = code;
        this.hint = hint;
    }

    public CatalogException(String code, String message, String hint, Throwable cause) {
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
