package dev.muster.api.problem;

import dev.muster.runbooks.RunbookException;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request is not carried out: the answer's status, code and hint. */
public final class ApiException extends RuntimeException {
    private final int status;
    private final String code;
    private final String hint;
    private final @Nullable String field;
    private final transient @Nullable List<Problem.FileProblem> problems;

    /**
     * @param status the HTTP status
     * @param code stable, upper case, listed in docs/reference/errors.md
     * @param message what failed, on what
     * @param hint what to check or do next
     */
    public ApiException(int status, String code, String message, String hint) {
        this(status, code, message, hint, null, null, null);
    }

    private ApiException(
            int status,
            String code,
            String message,
            String hint,
            @Nullable String field,
            @Nullable List<Problem.FileProblem> problems,
            @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.code = code;
        this.hint = hint;
        this.field = field;
        this.problems = problems;
    }

    /** The same, because of an error that is worth keeping for the log. */
    public ApiException because(Throwable cause) {
        return new ApiException(status, code, message(), hint, field, problems, cause);
    }

    /** The same, naming the field or parameter that is wrong. */
    public ApiException at(String wrong) {
        return new ApiException(status, code, message(), hint, wrong, problems, getCause());
    }

    /** A runbook or system that is refused, with every problem. */
    public static ApiException refused(RunbookException refusal) {
        return new ApiException(
                Response.Status.BAD_REQUEST.getStatusCode(),
                refusal.code(),
                refusal.problems().size() == 1
                        ? refusal.problems().get(0).message()
                        : "There are " + refusal.problems().size() + " problems.",
                refusal.hint(),
                null,
                refusal.problems().stream().map(Problem.FileProblem::of).toList(),
                refusal);
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    public String hint() {
        return hint;
    }

    public String message() {
        return String.valueOf(getMessage());
    }

    /** As it is answered. */
    public Problem problem() {
        Response.Status known = Response.Status.fromStatusCode(status);
        return new Problem(
                "urn:muster:error:" + code,
                known == null ? "Status " + status : known.getReasonPhrase(),
                status,
                message(),
                code,
                hint,
                field,
                problems);
    }
}
