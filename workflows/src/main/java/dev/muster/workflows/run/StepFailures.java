package dev.muster.workflows.run;

import dev.muster.workflows.FailureType;
import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.failure.TimeoutFailure;

/** What a failed step says for itself, without Temporal's wrappers around it. */
final class StepFailures {
    private StepFailures() {}

    static String message(TemporalFailure failure) {
        Throwable cause = root(failure);
        if (cause instanceof ApplicationFailure application) {
            return application.getOriginalMessage();
        }
        if (cause instanceof TimeoutFailure timeout) {
            return neverStarted(timeout)
                    ? "WORKER_AWAY: no worker took the step in time; it was not started, or not taken up again after an"
                            + " attempt that was lost."
                            + " Hint: is the worker of that queue running?"
                    : "STEP_TIMED_OUT: the step's outcome is unknown (" + timeout.getTimeoutType()
                            + "). Hint: look at the worker's log before anything is repeated by hand.";
        }
        if (cause instanceof CanceledFailure) {
            return "RUN_STOPPED: the run was cancelled in Temporal; what was under way is given up within seconds."
                    + " Hint: ask who did it, and look at what it had done.";
        }
        return String.valueOf(cause.getMessage());
    }

    /** The name of a {@link FailureType}. */
    static String type(TemporalFailure failure) {
        Throwable cause = root(failure);
        if (cause instanceof ApplicationFailure application) {
            return application.getType();
        }
        if (cause instanceof CanceledFailure) {
            return FailureType.REFUSED.name();
        }
        return (cause instanceof TimeoutFailure timeout && neverStarted(timeout)
                        ? FailureType.UNAVAILABLE
                        : FailureType.UNEXPECTED)
                .name();
    }

    private static boolean neverStarted(TimeoutFailure timeout) {
        return timeout.getTimeoutType() == TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START;
    }

    private static Throwable root(TemporalFailure failure) {
        Throwable cause = failure;
        while (cause instanceof ActivityFailure && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
