package dev.muster.workflows.approval;

/** A point in a run that a person must let pass. */
public enum Gate {
    /** Before the first step of the plan that uses a host or changes anything. */
    EXECUTE
}
