package dev.muster.runbooks.schedule;

/** A text is no cron expression that ever comes true in one way only. */
public final class CronException extends Exception {
    private final String code;
    private final String hint;

    CronException(String code, String message, String hint) {
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
