package dev.muster.api.problem;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.muster.catalog.CatalogException;
import dev.muster.runbooks.RunbookException;
import dev.muster.workflows.run.ChangeUnderWayException;
import dev.muster.workflows.schedules.SchedulesException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.client.WorkflowServiceException;
import jakarta.ws.rs.WebApplicationException;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tells the errors of the modules below, of Jersey and of Jackson as the API's own. */
public final class Translation {
    private Translation() {}

    /** Empty for a fault that nobody foresaw. */
    public static Optional<ApiException> of(Throwable error) {
        if (error instanceof ApiException known) {
            return Optional.of(known);
        }
        if (error instanceof CatalogException catalog) {
            return Optional.of(of(catalog));
        }
        if (error instanceof RunbookException refused) {
            return Optional.of(ApiException.refused(refused));
        }
        if (error instanceof ChangeUnderWayException busy) {
            return Optional.of(
                    new ApiException(409, busy.code(), String.valueOf(busy.getMessage()), busy.hint()).because(busy));
        }
        if (error instanceof SchedulesException schedule) {
            return Optional.of(of(schedule));
        }
        if (error instanceof JacksonException json) {
            return Optional.of(of(json));
        }
        if (error instanceof WebApplicationException http) {
            return Optional.of(of(http));
        }
        if (temporalIsAway(error)) {
            return Optional.of(temporalAway(error));
        }
        return Optional.empty();
    }

    /** Whether the error says that no Temporal server answers in time. */
    public static boolean temporalIsAway(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof StatusRuntimeException grpc) {
                Status.Code code = grpc.getStatus().getCode();
                return code == Status.Code.UNAVAILABLE
                        || code == Status.Code.DEADLINE_EXCEEDED
                        || code == Status.Code.CANCELLED
                        || code == Status.Code.RESOURCE_EXHAUSTED;
            }
        }
        return error instanceof WorkflowServiceException && error.getCause() == null;
    }

    /** The answer while no Temporal server answers. */
    public static ApiException temporalAway(@Nullable Throwable cause) {
        ApiException away = new ApiException(
                503,
                "TEMPORAL_UNREACHABLE",
                "Temporal does not answer, so nothing was started or told to a run.",
                "Is the Temporal server up? Repeat the request with the same Idempotency-Key; reads go on meanwhile.");
        return cause == null ? away : away.because(cause);
    }

    private static ApiException of(CatalogException error) {
        if (error.code().equals("IDEMPOTENCY_KEY_REUSED")) {
            return new ApiException(422, error.code(), String.valueOf(error.getMessage()), error.hint())
                    .at("Idempotency-Key")
                    .because(error);
        }
        int status = error.code().startsWith("CATALOG_") ? 503 : 400;
        return new ApiException(status, error.code(), String.valueOf(error.getMessage()), error.hint()).because(error);
    }

    private static ApiException of(SchedulesException error) {
        int status = switch (error.code()) {
            case "SCHEDULE_NOT_FOUND" -> 404;
            case "SCHEDULE_NOTE_MISSING", "BACKFILL_TIMES_WRONG", "BACKFILL_EMPTY", "BACKFILL_TOO_MANY" -> 400;
            // The API's own settings, which no request can mend.
            case "SCHEDULES_NOT_PERMITTED" -> 503;
            default -> 409;
        };
        return error.code().equals("TEMPORAL_UNREACHABLE")
                ? new ApiException(
                                503,
                                error.code(),
                                "Temporal, which keeps the schedules, does not answer in time.",
                                "Is the Temporal server up? Look before you repeat a trigger or backfill: it may have"
                                        + " arrived. The schedules' logs are read meanwhile.")
                        .because(error)
                : new ApiException(status, error.code(), String.valueOf(error.getMessage()), error.hint())
                        .because(error);
    }

    private static ApiException of(JacksonException error) {
        for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
            // Thrown by what Jackson read from: the body's bound.
            if (cause instanceof ApiException known) {
                return known;
            }
        }
        if (error instanceof UnrecognizedPropertyException unknown) {
            return new ApiException(
                            400,
                            "FIELD_UNKNOWN",
                            "There is no field '" + path(unknown) + "' here.",
                            "Known are: "
                                    + unknown.getKnownPropertyIds().stream()
                                            .map(String::valueOf)
                                            .sorted()
                                            .collect(Collectors.joining(", "))
                                    + ".")
                    .at(path(unknown))
                    .because(error);
        }
        if (error instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()) {
            return new ApiException(
                            400,
                            "FIELD_INVALID",
                            "The field '" + path(mapping) + "' has a value of the wrong type.",
                            "See the request's schema in /v1/openapi.yaml.")
                    .at(path(mapping))
                    .because(error);
        }
        return new ApiException(
                        400,
                        "BODY_MALFORMED",
                        "The body is not the JSON object that is expected"
                                + (error.getLocation() == null
                                        ? "."
                                        : " (line " + error.getLocation().getLineNr() + ", column "
                                                + error.getLocation().getColumnNr() + ")."),
                        "Send one JSON object, in UTF-8, with each field once; see /v1/openapi.yaml.")
                .because(error);
    }

    private static String path(JsonMappingException error) {
        return error.getPath().stream()
                .map(part -> part.getFieldName() == null ? "[" + part.getIndex() + "]" : part.getFieldName())
                .collect(Collectors.joining("."));
    }

    private static ApiException of(WebApplicationException error) {
        // Jersey wraps what a body's reader threw.
        if (error.getCause() instanceof JacksonException json) {
            return of(json);
        }
        if (error.getCause() instanceof ApiException known) {
            return known;
        }
        return ofStatus(error.getResponse().getStatus()).because(error);
    }

    /** What Jersey or Jetty refuse on their own. */
    static ApiException ofStatus(int status) {
        return switch (status) {
            case 404 ->
                new ApiException(
                        404, "PATH_UNKNOWN", "There is nothing at this path.", "The paths are in /v1/openapi.yaml.");
            case 405 ->
                new ApiException(
                        405,
                        "METHOD_NOT_ALLOWED",
                        "This path does not have this method.",
                        "The header Allow says which it has.");
            case 406 ->
                new ApiException(
                        406,
                        "NOT_ACCEPTABLE",
                        "The answer cannot be given in a form that the request accepts.",
                        "Accept application/json; for events text/event-stream, for the description application/yaml.");
            case 413 ->
                new ApiException(
                        413,
                        "BODY_TOO_LARGE",
                        "The body is larger than 512 KiB.",
                        "A runbook or system has at most 256 KiB; split it by system.");
            case 414, 431 ->
                new ApiException(
                        status,
                        "HEADERS_TOO_LARGE",
                        "The path or the headers are too long.",
                        "Is something put into the path or a header that belongs into the body?");
            case 415 ->
                new ApiException(
                        415,
                        "MEDIA_TYPE_UNSUPPORTED",
                        "The body is not of a form that is read here.",
                        "Send Content-Type: application/json.");
            case 503 ->
                new ApiException(
                        503, "ENDING", "This instance is ending.", "Repeat the request; another instance takes it.");
            default ->
                status >= 400 && status < 500
                        ? new ApiException(
                                status,
                                "REQUEST_MALFORMED",
                                "The request is not understood.",
                                "Is it HTTP/1.1, with a well-formed path and well-formed headers?")
                        : unexpected(status);
        };
    }

    /** A fault of ours: its words stay in the log. */
    static ApiException unexpected(int status) {
        return new ApiException(
                status < 500 ? 500 : status,
                "UNEXPECTED",
                "The request met a fault that has no name yet.",
                "Read the API's log; a repeat of the request with the same Idempotency-Key starts nothing twice.");
    }
}
