package dev.muster.postgres.rejoin;

/** How far a rejoin has come. Each is on disk before the next begins, so that a killed one goes on there. */
public enum RejoinPhase {
    /** The ancestry is known; nothing was touched. */
    EXAMINED,
    /** What only the old primary has is in the repository and was read back. */
    SALVAGED,
    /** Approved; the slot is there, and the member's own configuration is kept aside. */
    PREPARED,
    /** From here on the data directory is being changed. */
    CHANGING,
    /** The data directory is whole again, and on the new primary's history. */
    CHANGED,
    /** It is a standby's. */
    CONFIGURED,
    /** It streams, and was checked. */
    STREAMING
}
