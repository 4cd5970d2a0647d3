package dev.muster.workflows.connection;

/** The Temporal server cannot be reached or its settings cannot be read. */
public final class TemporalUnreachableException extends RuntimeException {
    TemporalUnreachableException(String message, Throwable cause) {
        super(message, cause);
    }

    public String code() {
        return "TEMPORAL_UNREACHABLE";
    }

    public String hint() {
        return "Is the server up, and does TEMPORAL_ADDRESS name it (host:port)? For TLS see TEMPORAL_TLS_*.";
    }
}
