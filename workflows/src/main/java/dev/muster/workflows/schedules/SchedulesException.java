package dev.muster.workflows.schedules;

/** Something about a schedule could not be asked or done. */
public final class SchedulesException extends RuntimeException {
    private final String code;
    private final String hint;

    SchedulesException(String code, String message, String hint, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.hint = hint;
    }

    SchedulesException(String code, String message, String hint) {
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

    static SchedulesException notFound(String name) {
        return new SchedulesException(
                "SCHEDULE_NOT_FOUND",
                "There is no schedule " + name + " on the server.",
                "Its full name is <system>/<name>: 'muster schedules list' has them all.");
    }
}
