package dev.muster.activities;

/** A check ran, and what it expects does not hold. */
public final class CheckFailedException extends RuntimeException {
    private final String code;
    private final String hint;

    public CheckFailedException(String code, String message, String hint) {
        super(message);
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
