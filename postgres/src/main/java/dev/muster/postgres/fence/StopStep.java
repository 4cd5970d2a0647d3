package dev.muster.postgres.fence;

/** What it took to stop PostgreSQL. */
public enum StopStep {
    NOT_RUNNING,
    FAST,
    IMMEDIATE,
    KILLED
}
