package dev.muster.activities.authority;

/** This worker does not accept what a step shows as its authority. */
public final class AuthorityRefusedException extends RuntimeException {
    private final String code;
    private final String hint;

    public AuthorityRefusedException(String code, String message, String hint) {
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
