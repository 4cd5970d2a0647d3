package dev.muster.postgres.rejoin;

/** How an old primary's data directory becomes a standby's. */
public enum RejoinMethod {
    /** As it is: it is only behind. */
    FOLLOW,
    /** By PostgreSQL's pg_rewind, from the new primary. */
    REWIND,
    /** By a restore over it that writes only what differs, from a backup of the new primary's history. */
    DELTA_RESTORE
}
