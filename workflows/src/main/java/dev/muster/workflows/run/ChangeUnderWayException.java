package dev.muster.workflows.run;

/** Another run changes the system; there is only one at a time. */
public final class ChangeUnderWayException extends RuntimeException {
    ChangeUnderWayException(String system, RunStatus other, Throwable cause) {
        super(
                "The run " + other.runId() + " by " + other.requester() + " changes the system " + system
                        + " just now (" + other.state() + ").",
                cause);
    }

    public String code() {
        return "CHANGE_UNDER_WAY";
    }

    public String hint() {
        return "Wait until it has ended, or look at it: its workflow id is change/<system>.";
    }
}
