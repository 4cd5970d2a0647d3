package dev.muster.workflows.schedules;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.client.WorkflowServiceException;
import io.temporal.client.schedules.ScheduleAlreadyRunningException;
import io.temporal.client.schedules.ScheduleException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Calls of the server's schedules, with its refusals in our words. */
final class Calls {
    private Calls() {}

    static void run(String name, Runnable call) {
        get(name, () -> {
            call.run();
            return name;
        });
    }

    static <T> T get(String name, Supplier<T> call) {
        try {
            return call.get();
        } catch (ScheduleAlreadyRunningException e) {
            throw changedMeanwhile(name, e);
        } catch (ScheduleException | WorkflowServiceException | StatusRuntimeException e) {
            Status status = status(e);
            if (status == null) {
                throw e;
            }
            throw translated(name, status, e);
        }
    }

    private static @Nullable Status status(Throwable error) {
        Throwable cause = error;
        while (cause != null) {
            if (cause instanceof StatusRuntimeException answer) {
                return answer.getStatus();
            }
            cause = cause.getCause();
        }
        return null;
    }

    private static SchedulesException changedMeanwhile(String name, Throwable cause) {
        return new SchedulesException(
                "SCHEDULE_CHANGED_MEANWHILE",
                "Somebody else changed the schedule " + name + " at the same time.",
                "Look at the difference with --dry-run, then apply again.",
                cause);
    }

    private static RuntimeException translated(String name, Status status, RuntimeException cause) {
        String said = status.getDescription() == null ? String.valueOf(status.getCode()) : status.getDescription();
        return switch (status.getCode()) {
            case UNIMPLEMENTED ->
                new SchedulesException(
                        "SCHEDULES_NOT_SUPPORTED",
                        "This Temporal server has no schedules.",
                        "The one inside the demo's process has none. Start a real one, 'temporal server start-dev', and"
                                + " name it in TEMPORAL_ADDRESS.",
                        cause);
            case NOT_FOUND -> SchedulesException.notFound(name);
            case ALREADY_EXISTS, FAILED_PRECONDITION, ABORTED -> changedMeanwhile(name, cause);
            case INVALID_ARGUMENT ->
                new SchedulesException(
                        "SCHEDULE_REFUSED_BY_SERVER",
                        "The Temporal server refuses the schedule " + name + ": " + said + ".",
                        "Does the server know the time zone, and is it at least version 1.24?",
                        cause);
            case PERMISSION_DENIED, UNAUTHENTICATED ->
                new SchedulesException(
                        "SCHEDULES_NOT_PERMITTED",
                        "The Temporal server does not let this user at its schedules: " + said + ".",
                        "Check TEMPORAL_API_KEY, TEMPORAL_TLS_* and TEMPORAL_NAMESPACE.",
                        cause);
            case UNAVAILABLE, DEADLINE_EXCEEDED ->
                new SchedulesException(
                        "TEMPORAL_UNREACHABLE",
                        "The Temporal server does not answer: " + said + ".",
                        "Is the server up, and does TEMPORAL_ADDRESS name it (host:port)?",
                        cause);
            default -> cause;
        };
    }
}
