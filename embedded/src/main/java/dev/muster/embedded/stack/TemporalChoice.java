package dev.muster.embedded.stack;

/** Which Temporal a stack uses. */
public enum TemporalChoice {
    /** The server that TEMPORAL_ADDRESS names; without it the service in this JVM. */
    AUTO,
    /** Temporal's service in this JVM: nothing is needed, nothing survives, no web UI. */
    JVM,
    /** A server of this run's own: the program {@code temporal} on the PATH, with its web UI. */
    SERVER
}
