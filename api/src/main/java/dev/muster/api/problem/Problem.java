package dev.muster.api.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An error as it is answered.
 *
 * @param type {@code urn:muster:error:} and the code
 * @param title the status in words
 * @param status the HTTP status
 * @param detail what failed, on what
 * @param code stable, listed in docs/reference/errors.md
 * @param hint what to check or do next
 * @param field the request's field or parameter that is wrong; absent if it is none's fault
 * @param problems every problem of a runbook or system that was refused; absent otherwise
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "An error (RFC 9457), with a stable code and a hint")
public record Problem(
        @Schema(description = "urn:muster:error: and the code", example = "urn:muster:error:RUN_NOT_FOUND")
        String type,

        @Schema(description = "The status in words") String title,
        int status,
        @Schema(description = "What failed, on what") String detail,

        @Schema(description = "Stable; explained in docs/reference/errors.md", example = "RUN_NOT_FOUND")
        String code,

        @Schema(description = "What to check or do next") String hint,

        @Schema(description = "The request's field or parameter that is wrong") @Nullable String field,

        @Schema(description = "Every problem of a runbook or system that was refused") @Nullable List<FileProblem> problems) {
    public static final String MEDIA_TYPE = "application/problem+json";

    /**
     * One problem of a runbook or system.
     *
     * @param file the name under which the text was read
     * @param line from 1; absent if it is no line's fault
     * @param column from 1; absent likewise
     * @param field such as {@code spec.databases[0].host}; empty for a whole file
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(description = "One problem of a runbook or system")
    public record FileProblem(
            String code,
            String message,
            String hint,
            @Nullable String file,
            @Nullable Integer line,
            @Nullable Integer column,
            String field) {
        public static FileProblem of(dev.muster.runbooks.Problem problem) {
            return new FileProblem(
                    problem.code(),
                    problem.message(),
                    problem.hint(),
                    problem.position()
                            .map(dev.muster.runbooks.Problem.Position::file)
                            .orElse(null),
                    problem.position()
                            .map(dev.muster.runbooks.Problem.Position::line)
                            .orElse(null),
                    problem.position()
                            .map(dev.muster.runbooks.Problem.Position::column)
                            .orElse(null),
                    problem.field());
        }
    }
}
