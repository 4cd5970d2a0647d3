package dev.muster.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.muster.cli.CliException;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Printable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Tells what went wrong between here and the API as an operator needs to know it. */
final class Failures {
    private Failures() {}

    /** What the API refused, in its own words. */
    static CliException refused(URI api, int status, JsonNode problem) {
        String code = problem.path("code").asText();
        if (!code.matches("[A-Z][A-Z0-9_]{1,60}")) {
            return notOurs(api, "status " + status);
        }
        List<String> details = new ArrayList<>();
        for (JsonNode each : problem.path("problems")) {
            details.add(Printable.line(detail(each)));
        }
        return new CliException(
                code,
                Printable.line(problem.path("detail").asText()),
                Printable.line(problem.path("hint").asText()),
                exitCode(status, code),
                details,
                null);
    }

    private static String detail(JsonNode problem) {
        String place = problem.path("file").isTextual()
                ? problem.path("file").asText()
                        + (problem.path("line").isInt()
                                ? ":" + problem.path("line").asInt() + ":"
                                        + problem.path("column").asInt()
                                : "")
                        + ": "
                : "";
        String field = problem.path("field").asText();
        return place + problem.path("code").asText() + ": " + (field.isEmpty() ? "" : field + ": ")
                + problem.path("message").asText() + " Hint: "
                + problem.path("hint").asText();
    }

    private static int exitCode(int status, String code) {
        if (status >= 500) {
            // Also an approval that the run did not answer in time: whether it counts is not known.
            return ExitCode.UNREACHABLE;
        }
        if (code.startsWith("APPROVAL_") || code.equals("NOT_WAITING") || code.equals("ALREADY_APPROVED")) {
            return ExitCode.NOT_APPROVED;
        }
        if (code.equals("CHANGE_UNDER_WAY")) {
            return ExitCode.BUSY;
        }
        if (status == 409 && code.startsWith("SCHEDULE")) {
            return ExitCode.FAILED;
        }
        if (status == 401 || status == 403) {
            return ExitCode.NOT_ALLOWED;
        }
        return ExitCode.BAD_INPUT;
    }

    /** Something else than the API answers there. */
    static CliException notOurs(URI api, String what) {
        return new CliException(
                "API_ANSWER_UNKNOWN",
                "What answers at " + api + " does not answer as Muster's API: " + what + ".",
                "Is the context's address right (no /v1 at its end), and the proxy in between?",
                ExitCode.UNREACHABLE);
    }

    /** Whether the request certainly did not leave. */
    static boolean beforeSending(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    || cause instanceof HttpConnectTimeoutException
                    || cause instanceof UnknownHostException
                    || cause instanceof UnresolvedAddressException
                    || cause instanceof SSLException) {
                return true;
            }
        }
        return false;
    }

    static boolean isTls(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return true;
            }
        }
        return false;
    }

    static CliException unreachable(URI api, Throwable failure) {
        if (isTls(failure)) {
            return new CliException(
                    "API_TLS_FAILED",
                    "TLS with " + api + " cannot be set up: " + innermost(failure) + ".",
                    "Does the API's certificate belong to this name, is it still valid, and does --ca of the context"
                            + " name the authority that signed it? Does TLS begin at this port at all?",
                    ExitCode.UNREACHABLE,
                    List.of(),
                    failure);
        }
        return new CliException(
                "API_UNREACHABLE",
                "The API at " + api + " does not answer: " + why(failure) + ".",
                "Is it up, and the context right (muster context show)? Runs go on without it; muster run, approve and"
                        + " status RUN speak to Temporal without the API.",
                ExitCode.UNREACHABLE,
                List.of(),
                failure);
    }

    /** A request that must not be repeated unasked left, and no answer came. */
    static CliException outcomeUnknown(URI api, Throwable failure) {
        return new CliException(
                "OUTCOME_UNKNOWN",
                "The request went to " + api + " and no answer came (" + why(failure)
                        + "), so it may have been carried out.",
                "Look before you repeat it: muster runs list, muster runs show RUN, muster systems show SYSTEM.",
                ExitCode.UNREACHABLE,
                List.of(),
                failure);
    }

    private static String why(Throwable failure) {
        if (failure instanceof HttpTimeoutException || failure instanceof TimeoutException) {
            return "no answer in time";
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
                return "its name is not known";
            }
            if (cause instanceof ConnectException) {
                return "connection refused";
            }
        }
        return innermost(failure);
    }

    private static String innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return Printable.line(
                message == null || message.isBlank() ? cause.getClass().getSimpleName() : message);
    }

    static IOException asIo(Throwable failure) {
        return failure instanceof IOException io ? io : new IOException(failure);
    }
}
