package dev.muster.cli;

/** What the process's exit code says; docs/reference/cli.md lists them. */
public final class ExitCode {
    public static final int SUCCESS = 0;
    /** The run or the demo ended, and not well. */
    public static final int FAILED = 1;
    /** Wrong usage, or a file with problems; nothing was started. */
    public static final int BAD_INPUT = 2;
    /** Nobody approved in time, or the approval was refused. */
    public static final int NOT_APPROVED = 3;
    /** Temporal or the catalogue cannot be reached. */
    public static final int UNREACHABLE = 4;

    private ExitCode() {}
}
