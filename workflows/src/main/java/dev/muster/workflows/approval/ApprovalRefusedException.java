package dev.muster.workflows.approval;

/** An approval is not accepted: the reason as a stable code, and a hint for whoever presented it. */
public final class ApprovalRefusedException extends RuntimeException {
    private final String code;
    private final String hint;

    public ApprovalRefusedException(String code, String message, String hint) {
        super(message);
        this.code = code;
        this.hint = hint;
    }

    public String code() {
        return code;
    }

    public String hint() {
        return hint;
    }
}
