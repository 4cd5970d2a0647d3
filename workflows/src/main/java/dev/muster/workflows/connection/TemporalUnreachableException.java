package dev.muster.workflows.connection;

/** The Temporal server cannot be reached, refuses this client, or its settings cannot be read. */
public final class TemporalUnreachableException extends RuntimeException {
    private final String code;
    private final String hint;

    TemporalUnreachableException(String code, String message, String hint, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.hint = hint;
    }

    /** One of the codes that begin with TEMPORAL_ in docs/reference/errors.md. */
    public String code() {
        return code;
    }

    public String hint() {
        return hint;
    }
}
