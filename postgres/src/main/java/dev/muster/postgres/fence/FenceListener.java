package dev.muster.postgres.fence;

/** Is told what a fence's keeper sees; called by its thread, and not for long. */
public interface FenceListener {
    /** The server ran although it must not, past the starter, and was stopped. */
    void stoppedPastStarter(FencedServer server);

    /** A standby became a primary while this keeper watched; whether by a run or by hand is for others to know. */
    void promoted(ServerObservation before, ServerObservation now);

    /** The state cannot be read or the server not be stopped; it is tried again. */
    void trouble(RuntimeException trouble);
}
