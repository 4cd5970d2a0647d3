package dev.muster.workflows.run;

import java.util.Optional;

/** Another run changes the system; there is only one at a time. */
public final class ChangeUnderWayException extends RuntimeException {
    /** @param other empty if the workflow that has the place was not started as a run */
    ChangeUnderWayException(String system, Optional<RunRequest> other, Throwable cause) {
        super(
                other.map(run -> "The run " + run.runId() + " by " + run.requester())
                                .orElse("A workflow that is no run")
                        + " changes the system " + system + " just now.",
                cause);
    }

    public String code() {
        return "CHANGE_UNDER_WAY";
    }

    public String hint() {
        return "Wait until it has ended, or look at it: its workflow id is change/<system>.";
    }
}
