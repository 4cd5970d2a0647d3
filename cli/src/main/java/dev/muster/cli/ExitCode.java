package dev.muster.cli;

/** What the process's exit code says; docs/reference/cli.md lists them. */
public final class ExitCode {
    public static final int SUCCESS = 0;
    /** The run or the demo ended, and not well. */
    public static final int FAILED = 1;
    /** Wrong usage, something that does not exist, or a file with problems; nothing was started. */
    public static final int BAD_INPUT = 2;
    /** Nobody approved in time, or the approval was refused. */
    public static final int NOT_APPROVED = 3;
    /** The API, Temporal or the catalogue cannot be reached; what was asked may or may not have been done. */
    public static final int UNREACHABLE = 4;
    /** The token is missing, unknown, has run out or lacks the role. */
    public static final int NOT_ALLOWED = 5;
    /** Another run changes the system just now; nothing was started. */
    public static final int BUSY = 6;
    /** The time given to wait is over, and the run goes on. */
    public static final int STILL_RUNNING = 7;
    /** What was compared is not the same. */
    public static final int DIFFERENT = 8;

    private ExitCode() {}
}
