package dev.muster.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something that an operator asked for cannot be done: code, message, hint, and the process's exit code. */
public final class CliException extends RuntimeException {
    private final String code;
    private final String hint;
    private final int exitCode;
    private final transient List<String> details;

    /**
     * @param code stable, upper case, listed in docs/reference/errors.md
     * @param message what failed, on what
     * @param hint what to check or do next
     * @param exitCode one of {@link ExitCode}
     */
    public CliException(String code, String message, String hint, int exitCode) {
        this(code, message, hint, exitCode, List.of(), null);
    }

    public CliException(
            String code, String message, String hint, int exitCode, List<String> details, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.hint = hint;
        this.exitCode = exitCode;
        this.details = List.copyOf(details);
    }

    public String code() {
        return code;
    }

    public String hint() {
        return hint;
    }

    public int exitCode() {
        return exitCode;
    }

    /** Every single problem of a file that was refused, a line each; empty otherwise. */
    public List<String> details() {
        return details;
    }

    /** As an operator reads it. */
    public String line() {
        return code + ": " + getMessage() + " Hint: " + hint;
    }
}
